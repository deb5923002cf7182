-- landing_chat_turn -> fact_chat_turn, merged by account and message id; a turn the source has deleted stays.
insert into account (account_key, person_key)
select distinct l.account_key, l.account_key
from landing_chat_turn as l
where not exists (select 1 from account as a where a.account_key = l.account_key)
order by l.account_key;

create or replace temp table staged_turn as
with turns_deduplicated as (
    select *
    from landing_chat_turn
    qualify row_number() over (partition by account_key, message_id order by started_at, output_tokens desc nulls last) = 1
)
select
    $source as source,
    md5_number(t.account_key || ':' || t.message_id) as turn_key,
    t.started_at,
    cast(t.started_at at time zone 'UTC' at time zone $timezone as date) as day,
    cast(hour(t.started_at at time zone 'UTC' at time zone $timezone) as tinyint) as hour,
    a.account_no,
    coalesce(t.model, 'unknown') as model,
    coalesce(t.workspace_model, t.model, 'unknown') as workspace_model,
    coalesce(t.is_error, false) as is_error,
    t.input_tokens,
    t.cached_tokens,
    t.cache_write_tokens,
    t.output_tokens,
    t.reasoning_tokens
from turns_deduplicated as t
join account as a on a.account_key = t.account_key;

-- turns from before the pseudonyms' key was changed stand under keys of the old pseudonyms: those read again are found
-- by account, time and model, and take the new key. Those of folded days (etl/retention.py) stand under an anonymous
-- account and are found by time and model; where several are alike, in the order of their tokens
create or replace temp table renamed_turn as
with stretch as (
    select
        min(started_at) as first_at,
        max(started_at) as last_at,
        coalesce(
            (select cast(value as date) from ops.setting where key = 'folded_before'), date '1900-01-01'
        ) as folded_before
    from staged_turn
),

before_numbered as (
    select
        f.turn_key,
        case when f.day >= s.folded_before then f.account_no end as known_account,
        f.started_at,
        f.model,
        f.workspace_model,
        row_number() over (
            partition by known_account, f.started_at, f.model, f.workspace_model
            order by f.output_tokens, f.input_tokens, f.turn_key
        ) as place
    from fact_chat_turn as f, stretch as s
    where f.source = $source
        and f.started_at between s.first_at and s.last_at
        and f.started_at < (select cast(value as timestamp) from ops.setting where key = 'rekeyed_at')
        and f.turn_key not in (select turn_key from staged_turn)
),

staged_numbered as (
    select
        t.turn_key,
        case when t.day >= s.folded_before then t.account_no end as known_account,
        t.started_at,
        t.model,
        t.workspace_model,
        row_number() over (
            partition by known_account, t.started_at, t.model, t.workspace_model
            order by t.output_tokens, t.input_tokens, t.turn_key
        ) as place
    from staged_turn as t, stretch as s
    where t.turn_key not in (select turn_key from fact_chat_turn where source = $source)
        and exists (select 1 from ops.setting where key = 'rekeyed_at')
)

select b.turn_key as old_key, s.turn_key as new_key
from before_numbered as b
join staged_numbered as s
    on s.known_account is not distinct from b.known_account
    and s.started_at = b.started_at
    and s.model = b.model
    and s.workspace_model = b.workspace_model
    and s.place = b.place;

update fact_chat_turn
set turn_key = r.new_key
from renamed_turn as r
where fact_chat_turn.turn_key = r.old_key and fact_chat_turn.source = $source;

create or replace temp table present_turn as
select f.*
from fact_chat_turn as f
where f.source = $source and f.turn_key in (select turn_key from staged_turn);

-- a clone made later repeats the message under a later time: the earliest time stands
create or replace temp table changed_turn as
select s.*
from staged_turn as s
left join present_turn as p on p.turn_key = s.turn_key
where p.turn_key is null
    or (s.started_at <= p.started_at and s is distinct from p);

-- by time too, so that only the stretch that holds these is looked through
create or replace temp table replaced_turn as
select turn_key, started_at, day
from present_turn
where turn_key in (select turn_key from changed_turn);

insert into ops.dirty_day
select day from changed_turn
union
select day from replaced_turn;

delete from fact_chat_turn
where source = $source
    and turn_key in (select turn_key from replaced_turn)
    and started_at in (select started_at from replaced_turn);

insert into fact_chat_turn
select * from changed_turn order by started_at, turn_key;

insert into model_name (name, is_served)
select distinct c.model, false
from changed_turn as c
where c.model not in (select name from model_name)
order by c.model;

create or replace temp table new_workspace_model as
select distinct workspace_model, model from changed_turn
except
select workspace_model, model from workspace_model;

insert into workspace_model
select workspace_model, model from new_workspace_model order by workspace_model, model;

-- the audit log names the model as picked: with a new pair another model may stand behind it
insert into ops.dirty_day
select distinct day from fact_ledger_event where model in (select workspace_model from new_workspace_model);
