-- prepare and execute by name: what the invented sources of bench_increment give, by row number. Everything follows from
-- the number, so that a row read again is the same row.
create macro part(i, purpose) as (hash(i, purpose) % 1000003) / 1000003.0;
-- How many of the 50,000 persons have begun by a day, counted from the first: a third at once, the others in waves at the
-- beginnings of terms. Who began first uses it most.
create macro wave(day, first) as greatest(least((day - first) / 28.0, 1), 0);
create macro begun(day) as 16667 + 3333 * least(day / 700.0, 1)
    + 6000 * wave(day, 45) + 10000 * wave(day, 274) + 5000 * wave(day, 411) + 9000 * wave(day, 639);
create macro moment(i, first_row, start, step) as epoch_us(cast(start as timestamp)) + (i - first_row) * step;
create macro day_of(moment) as (moment - epoch_us(timestamp '2023-12-31 23:00:00')) / 86400000000.0;
create macro person(i, moment) as cast(floor(begun(day_of(moment)) * power(part(i, 'person'), 2.5)) as integer);
create macro is_chat(i) as part(i, 'channel') < 0.7;
create macro model_name(i) as list_extract(
    ['gpt-5.5', 'gpt-5.5-mini', 'gpt-5', 'claude-opus-4-5', 'claude-sonnet-4-5', 'claude-haiku-4-5', 'gemini-3-pro',
        'gemini-3-flash', 'llama-4-maverick', 'qwen3-coder', 'mistral-large', 'text-embedding-3-large'],
    1 + cast(floor(12 * power(part(i, 'model'), 1.7)) as integer)
);

create macro provider(model) as case
    when model in ('gpt-5.5', 'gpt-5.5-mini', 'text-embedding-3-large') then 'openai'
    when model = 'gpt-5' then 'azure'
    when starts_with(model, 'claude') then 'anthropic'
    when starts_with(model, 'gemini') then 'google'
    when starts_with(model, 'mistral') then 'mistral'
    else 'self_hosted'
end;
create macro dearer(day) as case when cast(floor(day) as integer) % 53 = 17 then 2.2 else 1 end;

create macro requests(first_row, last_row, start, step) as table
select
    'r' || i as request_id,
    make_timestamp(moment) as started_at,
    make_timestamp(moment + 4000000) as ended_at,
    make_timestamp(moment + 900000) as first_token_at,
    make_timestamp(moment + 5000000) as updated_at,
    'acompletion' as call_type,
    case when is_chat then 'k-chat' else 'k' || (who % 5000) end as api_key_key,
    case when not is_chat and part(i, 'named') < 0.5 then 'p' || who end as user_key,
    case when is_chat then 'p' || who end as end_user_key,
    case when is_chat then 't-chat' else 't' || (who % 60) end as team_id,
    model,
    model as requested_model,
    'provider/' || model as provider_model,
    provider(model) as provider,
    case when part(i, 'status') < 0.02 then 'failure' else 'success' end as status,
    case when part(i, 'status') < 0.02 then 'RateLimitError' end as error_class,
    null as error_code,
    part(i, 'hit') < 0.03 as is_cache_hit,
    is_chat as is_chat_ui,
    false as is_health_check,
    case when is_chat and part(i, 'task') < 0.3 then 'title_generation' end as task,
    case
        when provider(model) = 'self_hosted' then 0
        else cast(cost * cost * 0.04 * dearer(day_of(moment)) as decimal(18, 12))
    end as metered_usd,
    case when part(i, 'hit') < 0.03 then cast(0.01 as decimal(18, 12)) end as uncached_usd,
    cast(floor(part(i, 'input') * 3000) as bigint) as input_tokens,
    cast(floor(part(i, 'cached') * 1000) as bigint) as cached_tokens,
    0 as cache_write_tokens,
    cast(floor(output * 900) as bigint) as output_tokens,
    cast(floor(output * 300) as bigint) as reasoning_tokens
from (
    select
        i, moment, person(i, moment) as who, is_chat(i) as is_chat, model_name(i) as model,
        part(i, 'cost') as cost, part(i, 'output') as output
    from (select i, moment(i, first_row, start, step) as moment from range(first_row, last_row) as r (i)) as m
) as made;

create macro turns(first_row, last_row, start, step) as table
select
    case when who < 10000 then 'q' else 'p' end || who as account_key,
    'm' || i as message_id,
    make_timestamp(moment) as started_at,
    case when part(i, 'direct') < 0.1 then 'pipe.local' else model_name(i) end as model,
    case when part(i, 'direct') < 0.1 then 'pipe.local' else model_name(i) end as workspace_model,
    part(i, 'status') < 0.02 as is_error,
    cast(floor(part(i, 'input') * 3000) as bigint) as input_tokens,
    null as cached_tokens,
    null as cache_write_tokens,
    cast(floor(part(i, 'output') * 900) as bigint) as output_tokens,
    null as reasoning_tokens
from (
    select i, moment, person(i, moment) as who
    from (select i, moment(i, first_row, start, step) as moment from range(first_row, last_row) as r (i)) as m
    where is_chat(i) and part(i, 'task') >= 0.3
) as made;

create macro ratings(first_row, last_row, start, step) as table
select
    'g' || i as rating_id,
    case when who < 10000 then 'q' else 'p' end || who as account_key,
    'm' || i as message_id,
    make_timestamp(moment) as rated_at,
    model_name(i) as model,
    case when part(i, 'rating') < 0.7 then 1 else -1 end as rating
from (
    select i, moment, person(i, moment) as who
    from (select i, moment(i, first_row, start, step) as moment from range(first_row, last_row) as r (i)) as m
    where is_chat(i) and part(i, 'rated') < 0.02
) as made;

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
    case when i % 320 = 3 then date '2025-08-01' end as valid_to,  -- a few have left
    cast(2 as decimal(9, 6)) as weight, list_extract(['student', 'staff'], 1 + i % 2) as role
from range(48000) as r (i)
union all
select 'p' || i, 'F' || ((i + 1) % 17), date '2000-01-01', null, 1, 'staff'
from range(0, 48000, 20) as r (i);

create view populations as
select 'F' || i as unit, role, date '2000-01-01' as valid_from, null as valid_to, persons
from range(17) as r (i), (values ('student', 3000), ('staff', 500)) as h (role, persons);

create view services as
select 'a' || (i * 100) as match_key, 'key_alias' as kind, 'Service ' || i as name,
    'F' || (i % 17) || case when i % 2 = 0 then 'D' || i else '' end as unit  -- half of them pays a department
from range(50) as r (i);

create view rates as
select cast(d.day as date) as day, c.currency, 'cnb' as origin, cast(20 + c.more + (dayofyear(d.day) % 50) / 50 as decimal(18, 8)) as czk_per_unit
from range(date '2023-06-01', date '2026-06-01', interval 1 day) as d (day),
    (values ('USD', 0), ('EUR', 3)) as c (currency, more)
where isodow(d.day) < 6;
