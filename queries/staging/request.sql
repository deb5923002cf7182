-- landing_request -> fact_request. Merged by request id within the stretch of time the batch covers and a few days
-- around it, so that a load costs what it brings and a start that was corrected is found; days with a new or changed row
-- are dirtied, an unchanged row changes nothing.
insert into account (account_key, person_key)
select k.account_key, k.account_key
from (
    select user_key as account_key from landing_request where user_key is not null
    union
    select end_user_key from landing_request where end_user_key is not null
) as k
where not exists (select 1 from account as a where a.account_key = k.account_key)
order by k.account_key;

insert into api_key (source, api_key_key, is_chat_ui, is_deleted, is_listed)
select distinct $source, l.api_key_key, false, false, false
from landing_request as l
where l.api_key_key is not null
    and not exists (select 1 from api_key as k where k.source = $source and k.api_key_key = l.api_key_key)
order by l.api_key_key;

create or replace temp table staged_request as
with requests_deduplicated as (
    select *
    from landing_request
    qualify row_number() over (partition by request_id order by updated_at desc nulls last, started_at) = 1
)
select
    $source as source,
    md5_number(r.request_id) as request_key,
    r.started_at,
    cast(r.started_at at time zone 'UTC' at time zone $timezone as date) as day,
    cast(hour(r.started_at at time zone 'UTC' at time zone $timezone) as tinyint) as hour,
    k.key_no,
    u.account_no as user_account_no,
    e.account_no as end_user_account_no,
    r.team_id,
    coalesce(r.model, 'unknown') as model,
    coalesce(r.requested_model, r.model, 'unknown') as requested_model,
    coalesce(r.provider, 'unknown') as provider,
    coalesce(r.call_type, 'unknown') as call_type,
    r.status,
    r.error_class,
    coalesce(r.is_cache_hit, false) as is_cache_hit,
    coalesce(r.is_chat_ui, false) as is_chat_ui,
    coalesce(r.is_health_check, false) as is_health_check,
    r.task,
    r.metered_usd,
    r.uncached_usd,
    r.input_tokens,
    r.cached_tokens,
    r.cache_write_tokens,
    r.output_tokens,
    r.reasoning_tokens,
    -- an integer holds 24 days; what took longer than a week says nothing of a model's speed
    case when r.ended_at <= r.started_at + interval 7 days
        then cast(greatest(date_diff('millisecond', r.started_at, r.ended_at), 0) as integer) end
        as duration_ms,
    case when r.first_token_at <= r.started_at + interval 7 days
        then cast(greatest(date_diff('millisecond', r.started_at, r.first_token_at), 0) as integer) end
        as first_token_ms
from requests_deduplicated as r
left join api_key as k on k.source = $source and k.api_key_key = r.api_key_key
left join account as u on u.account_key = r.user_key
left join account as e on e.account_key = r.end_user_key;

create or replace temp table present_request as
with stretch as (
    select
        min(started_at) - interval 3 days as first_at,
        max(started_at) + interval 3 days as last_at
    from staged_request
)

select f.*
from fact_request as f, stretch as s
where f.started_at between s.first_at and s.last_at
    and f.source = $source
    and f.request_key in (select request_key from staged_request);

create or replace temp table changed_request as
select s.*
from staged_request as s
left join present_request as p on p.request_key = s.request_key
where p.request_key is null or s is distinct from p;

create or replace temp table replaced_request as
select request_key, started_at, day
from present_request
where request_key in (select request_key from changed_request);

insert into ops.dirty_day
select day from changed_request
union
select day from replaced_request;

delete from fact_request
where source = $source
    and request_key in (select request_key from replaced_request)
    and started_at in (select started_at from replaced_request);

insert into fact_request
select * from changed_request order by started_at, request_key;

insert into model_name (name, is_served)
select distinct c.model, false
from changed_request as c
where c.model not in (select name from model_name)
order by c.model;

update model_name
set is_served = true, served_from = c.first_day
from (
    select model, min(day) as first_day
    from changed_request
    where status = 'success'
    group by model
) as c
where c.model = model_name.name and (model_name.served_from is null or c.first_day < model_name.served_from);
