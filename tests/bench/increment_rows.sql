-- prepare and execute by name: what the invented sources of bench_increment give, by row number. Everything follows from
-- the number, so that a row read again is the same row.
create macro part(i, purpose) as (hash(i, purpose) % 1000003) / 1000003.0;
create macro person(i) as cast(floor(50000 * power(part(i, 'person'), 2.5)) as integer);
create macro is_chat(i) as part(i, 'channel') < 0.7;
create macro model_name(i) as list_extract(
    ['gpt-5.5', 'gpt-5.5-mini', 'gpt-5', 'claude-opus-4-5', 'claude-sonnet-4-5', 'claude-haiku-4-5', 'gemini-3-pro',
        'gemini-3-flash', 'llama-4-maverick', 'qwen3-coder', 'mistral-large', 'text-embedding-3-large'],
    1 + cast(floor(12 * power(part(i, 'model'), 1.7)) as integer)
);

create macro requests(first_row, last_row, start, step) as table
select
    'r' || i as request_id,
    cast(start as timestamp) + to_microseconds((i - first_row) * step) as started_at,
    cast(start as timestamp) + to_microseconds((i - first_row) * step + 4000000) as ended_at,
    cast(start as timestamp) + to_microseconds((i - first_row) * step + 900000) as first_token_at,
    cast(start as timestamp) + to_microseconds((i - first_row) * step + 5000000) as updated_at,
    'acompletion' as call_type,
    case when is_chat(i) then 'k-chat' else 'k' || (person(i) % 5000) end as api_key_key,
    case when not is_chat(i) and part(i, 'named') < 0.5 then 'p' || person(i) end as user_key,
    case when is_chat(i) then 'p' || person(i) end as end_user_key,
    case when is_chat(i) then 't-chat' else 't' || (person(i) % 60) end as team_id,
    model_name(i) as model,
    model_name(i) as requested_model,
    'provider/' || model_name(i) as provider_model,
    list_extract(['openai', 'anthropic', 'google'], 1 + cast(hash(model_name(i)) % 3 as integer)) as provider,
    case when part(i, 'status') < 0.02 then 'failure' else 'success' end as status,
    case when part(i, 'status') < 0.02 then 'RateLimitError' end as error_class,
    null as error_code,
    part(i, 'hit') < 0.03 as is_cache_hit,
    is_chat(i) as is_chat_ui,
    false as is_health_check,
    case when is_chat(i) and part(i, 'task') < 0.3 then 'title_generation' end as task,
    cast(part(i, 'cost') * part(i, 'cost') * 0.04 as decimal(18, 12)) as metered_usd,
    case when part(i, 'hit') < 0.03 then cast(0.01 as decimal(18, 12)) end as uncached_usd,
    cast(floor(part(i, 'input') * 3000) as bigint) as input_tokens,
    cast(floor(part(i, 'cached') * 1000) as bigint) as cached_tokens,
    0 as cache_write_tokens,
    cast(floor(part(i, 'output') * 900) as bigint) as output_tokens,
    cast(floor(part(i, 'output') * 300) as bigint) as reasoning_tokens
from range(first_row, last_row) as r (i);

create macro turns(first_row, last_row, start, step) as table
select
    case when person(i) < 10000 then 'q' else 'p' end || person(i) as account_key,
    'm' || i as message_id,
    cast(start as timestamp) + to_microseconds((i - first_row) * step) as started_at,
    case when part(i, 'direct') < 0.1 then 'pipe.local' else model_name(i) end as model,
    case when part(i, 'direct') < 0.1 then 'pipe.local' else model_name(i) end as workspace_model,
    part(i, 'status') < 0.02 as is_error,
    cast(floor(part(i, 'input') * 3000) as bigint) as input_tokens,
    null as cached_tokens,
    null as cache_write_tokens,
    cast(floor(part(i, 'output') * 900) as bigint) as output_tokens,
    null as reasoning_tokens
from range(first_row, last_row) as r (i)
where is_chat(i) and part(i, 'task') >= 0.3;

create macro ratings(first_row, last_row, start, step) as table
select
    'g' || i as rating_id,
    case when person(i) < 10000 then 'q' else 'p' end || person(i) as account_key,
    'm' || i as message_id,
    cast(start as timestamp) + to_microseconds((i - first_row) * step) as rated_at,
    model_name(i) as model,
    case when part(i, 'rating') < 0.7 then 1 else -1 end as rating
from range(first_row, last_row) as r (i)
where is_chat(i) and part(i, 'rated') < 0.02;

create view accounts as
select
    'p' || i as account_key, 'p' || i as person_key, 'mff.cuni.cz' as email_domain, 'internal_user' as role,
    false as is_pending, i % 2500 = 0 as is_service, timestamp '2023-01-01' + to_hours(i % 10000) as created_at
from range(50000) as r (i);

create view chat_accounts as
select
    'q' || i as account_key, 'p' || i as person_key, null as email_domain, 'user' as role,
    i % 500 = 0 as is_pending, false as is_service, timestamp '2023-01-01' + to_hours(i) as created_at
from range(10000) as r (i);

create view keys as
select
    'k' || i as api_key_key, 'a' || i as alias_key, 'p' || i as owner_key, 't' || (i % 60) as team_id,
    false as is_chat_ui, false as is_deleted, timestamp '2023-01-01' as created_at
from range(5000) as r (i)
union all
select 'k-chat', 'a-chat', null, 't-chat', true, false, timestamp '2023-01-01';

create view teams as
select
    't' || i as team_id, 'Team ' || i as name, case when i < 10 then 'F' || i end as unit,
    false as is_chat_ui, false as is_deleted
from range(60) as r (i)
union all
select 't-chat', 'Chat', null, true, false;

create view groups as
select 'q' || i as account_key, 'fac:F' || (i % 17) as group_name
from range(10000) as r (i);

create view units as
select 'UK' as unit, null as parent_unit, 'university' as level, 'UK' as name_cs, 'UK' as name_en, null as cost_centre
union all
select 'F' || i, 'UK', 'faculty', 'F' || i, 'F' || i, null
from range(17) as r (i)
union all
select 'F' || (i % 17) || 'D' || i, 'F' || (i % 17), 'department', 'D' || i, 'D' || i, null
from range(85) as r (i);

create view homes as
select
    'p' || i as person_key, 'F' || (i % 17) || 'D' || (i % 85) as unit, date '2000-01-01' as valid_from,
    null as valid_to, cast(2 as decimal(9, 6)) as weight, list_extract(['student', 'staff'], 1 + i % 2) as role
from range(48000) as r (i)
union all
select 'p' || i, 'F' || ((i + 1) % 17), date '2000-01-01', null, 1, 'staff'
from range(0, 48000, 20) as r (i);

create view populations as
select 'F' || i as unit, 'student' as role, date '2000-01-01' as valid_from, null as valid_to, 3000 as persons
from range(17) as r (i);

create view services as
select 'a' || (i * 100) as match_key, 'key_alias' as kind, 'Service ' || i as name, 'F' || (i % 17) as unit
from range(50) as r (i);

create view rates as
select cast(d.day as date) as day, c.currency, 'cnb' as origin, cast(20 + c.more + (dayofyear(d.day) % 50) / 50 as decimal(18, 8)) as czk_per_unit
from range(date '2023-06-01', date '2026-06-01', interval 1 day) as d (day),
    (values ('USD', 0), ('EUR', 3)) as c (currency, more)
where isodow(d.day) < 6;
