-- landing_ledger_event -> fact_ledger_event, merged by event id.
insert into account (account_key, person_key)
select distinct l.account_key, l.account_key
from landing_ledger_event as l
where l.account_key is not null
    and not exists (select 1 from account as a where a.account_key = l.account_key)
order by l.account_key;

create or replace temp table staged_event as
select
    $source as source,
    md5_number(l.event_id) as event_key,
    l.started_at,
    cast(l.started_at at time zone 'UTC' at time zone $timezone as date) as day,
    cast(hour(l.started_at at time zone 'UTC' at time zone $timezone) as tinyint) as hour,
    a.account_no,
    coalesce(l.model, 'unknown') as model,
    l.channel,
    l.input_tokens,
    l.cached_tokens,
    l.cache_write_tokens,
    l.output_tokens,
    l.reasoning_tokens
from landing_ledger_event as l
join account as a on a.account_key = l.account_key
qualify row_number() over (partition by l.event_id order by l.started_at) = 1;

create or replace temp table changed_event as
with present as (
    select event_key
    from fact_ledger_event
    where source = $source and event_key in (select event_key from staged_event)
)

select s.*
from staged_event as s
where s.event_key not in (select event_key from present);

insert into ops.dirty_day
select distinct day from changed_event;

insert into fact_ledger_event
select * from changed_event order by started_at, event_key;

insert into model_name (name, is_served)
select distinct c.model, false
from changed_event as c
where c.model not in (select name from model_name)
order by c.model;
