-- use: one row per request or turn of the days in dirty_day, with who asked, who pays and what it was; a step towards
-- the daily marts, kept for the length of one load only.
-- Who asked: behind a chat UI's key the end user, else the user, else the key's owner; a service account is nobody.
-- Who pays: the service account's or key's unit, else the team's; null = the person's home units.
-- A turn of the chat UI counts only where the gateway does not serve its model, or did not yet on that day (else the
-- gateway has counted it). Where
-- the chat UI's audit log knows more uses of a person, model and day than its database (deleted and temporary chats, its
-- API), the log stands for them; it writes nothing for models without usage figures, so it can't stand alone.
with requests_owned as (
    select
        r.day,
        cast(r.started_at as date) as utc_day,
        r.hour,
        r.source,
        r.model,
        r.provider,
        r.status,
        r.task,
        r.call_type,
        r.key_no,
        r.error_class,
        -- a cache hit says nothing of the model's speed; an answer in one piece has no first token
        case when r.status = 'success' and not r.is_cache_hit then r.duration_ms end as duration_ms,
        case
            when r.status = 'success' and not r.is_cache_hit and r.first_token_ms < r.duration_ms then r.first_token_ms
        end as first_token_ms,
        r.is_cache_hit,
        r.is_health_check,
        r.metered_usd,
        r.uncached_usd,
        r.input_tokens,
        r.cached_tokens,
        r.cache_write_tokens,
        r.output_tokens,
        r.reasoning_tokens,
        case
            when r.is_chat_ui or coalesce(k.is_chat_ui, false) or coalesce(t.is_chat_ui, false) then 'chat'
            else 'api'
        end as channel,
        coalesce(k.is_service, false) or coalesce(t.is_service, false) or r.is_health_check as is_service_key,
        -- a request says in which team its key was then; where the key is now says nothing of the past
        case
            when r.team_id is null or k.is_service then k.unit
            when not coalesce(t.is_chat_ui, false) then t.unit
        end as key_unit,
        case
            when r.is_chat_ui or coalesce(k.is_chat_ui, false) or coalesce(t.is_chat_ui, false)
                then coalesce(r.end_user_account_no, nullif(r.user_account_no, k.owner_account_no))
            else coalesce(r.user_account_no, k.owner_account_no)
        end as account_no
    from fact_request as r
    join dirty_day as d on d.day = r.day
    left join key_rule as k on k.key_no = r.key_no
    left join team_rule as t on t.source = r.source and t.team_id = r.team_id
),

requests_attributed as (
    select
        r.day,
        r.utc_day,
        r.hour,
        r.source,
        case when r.is_service_key or coalesce(a.is_service, false) then null else a.person_no end as person_no,
        r.is_service_key or coalesce(a.is_service, false) as is_service,
        coalesce(a.unit, r.key_unit) as direct_unit,
        m.model,
        m.is_mapped,
        r.provider,
        r.channel,
        r.status,
        'gateway' as origin,
        case
            when r.status = 'success'
                and r.task is null
                and not r.is_service_key
                and not coalesce(a.is_service, false)
                and not (r.channel = 'chat' and r.call_type in ('embedding', 'aembedding', 'rerank', 'arerank'))
                then 1
            else 0
        end as is_user_request,
        case when r.status = 'success' then r.input_tokens end as input_tokens,
        case when r.status = 'success' then r.cached_tokens end as cached_tokens,
        case when r.status = 'success' then r.cache_write_tokens end as cache_write_tokens,
        case when r.status = 'success' then r.output_tokens end as output_tokens,
        case when r.status = 'success' then r.reasoning_tokens end as reasoning_tokens,
        case when r.status = 'success' and r.output_tokens is null and r.input_tokens is null then 1 else 0 end
            as is_without_tokens,
        r.metered_usd,
        case when r.is_cache_hit then coalesce(r.uncached_usd, 0) else 0 end as cache_saved_usd,
        r.key_no,
        r.error_class,
        r.duration_ms,
        r.first_token_ms
    from requests_owned as r
    join model as m on m.name = r.model
    left join account_rule as a on a.account_no = r.account_no
),

-- the audit log names a model as it was picked; one that stands for several (the arena) keeps that name
models_picked as (
    select w.workspace_model, min(w.model) as model
    from workspace_model as w
    group by w.workspace_model
    having count(*) = 1
),

turns_counted as (
    select t.day, t.account_no, t.workspace_model, count(*) as uses
    from fact_chat_turn as t
    join dirty_day as d on d.day = t.day
    group by t.day, t.account_no, t.workspace_model
),

events_counted as (
    select e.day, e.account_no, e.model, count(*) as uses
    from fact_ledger_event as e
    join dirty_day as d on d.day = e.day
    group by e.day, e.account_no, e.model
),

fuller_ledgers as (
    select e.day, e.account_no, e.model
    from events_counted as e
    left join turns_counted as t
        on t.day = e.day and t.account_no = e.account_no and t.workspace_model = e.model
    where e.uses > coalesce(t.uses, 0)
),

turns_direct as (
    select
        t.day,
        cast(t.started_at as date) as utc_day,
        t.hour,
        t.source,
        case when a.is_service then null else a.person_no end as person_no,
        a.is_service,
        a.unit as direct_unit,
        m.model,
        m.is_mapped,
        m.provider,
        'chat' as channel,
        case when t.is_error then 'failure' else 'success' end as status,
        'chat_ui' as origin,
        case when t.is_error or a.is_service then 0 else 1 end as is_user_request,
        case when not t.is_error then t.input_tokens end as input_tokens,
        case when not t.is_error then t.cached_tokens end as cached_tokens,
        case when not t.is_error then t.cache_write_tokens end as cache_write_tokens,
        case when not t.is_error then t.output_tokens end as output_tokens,
        case when not t.is_error then t.reasoning_tokens end as reasoning_tokens,
        case when not t.is_error and t.output_tokens is null and t.input_tokens is null then 1 else 0 end
            as is_without_tokens,
        cast(null as decimal(18, 12)) as metered_usd,
        cast(0 as decimal(18, 12)) as cache_saved_usd,
        cast(null as integer) as key_no,
        cast(null as varchar) as error_class,
        cast(null as integer) as duration_ms,
        cast(null as integer) as first_token_ms
    from fact_chat_turn as t
    join dirty_day as d on d.day = t.day
    join model as m on m.name = t.model
    join account_rule as a on a.account_no = t.account_no
    left join fuller_ledgers as f on f.day = t.day and f.account_no = t.account_no and f.model = t.workspace_model
    where (not m.is_gateway or t.day < m.gateway_from) and f.day is null
),

events_direct as (
    select
        e.day,
        cast(e.started_at as date) as utc_day,
        e.hour,
        e.source,
        case when a.is_service then null else a.person_no end as person_no,
        a.is_service,
        a.unit as direct_unit,
        m.model,
        m.is_mapped,
        m.provider,
        e.channel as channel,
        'success' as status,
        'chat_ui' as origin,
        case when a.is_service then 0 else 1 end as is_user_request,
        e.input_tokens as input_tokens,
        e.cached_tokens as cached_tokens,
        e.cache_write_tokens as cache_write_tokens,
        e.output_tokens as output_tokens,
        e.reasoning_tokens as reasoning_tokens,
        case when e.output_tokens is null and e.input_tokens is null then 1 else 0 end
            as is_without_tokens,
        cast(null as decimal(18, 12)) as metered_usd,
        cast(0 as decimal(18, 12)) as cache_saved_usd,
        cast(null as integer) as key_no,
        cast(null as varchar) as error_class,
        cast(null as integer) as duration_ms,
        cast(null as integer) as first_token_ms
    from fact_ledger_event as e
    join dirty_day as d on d.day = e.day
    left join models_picked as p on p.workspace_model = e.model
    join model as m on m.name = coalesce(p.model, e.model)
    join account_rule as a on a.account_no = e.account_no
    join fuller_ledgers as f on f.day = e.day and f.account_no = e.account_no and f.model = e.model
    where not m.is_gateway or e.day < m.gateway_from
)

select
    day, utc_day, hour, source, person_no, is_service, direct_unit, model, is_mapped, provider, channel, status, origin,
    is_user_request, input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
    is_without_tokens, metered_usd, cache_saved_usd, key_no, error_class, duration_ms, first_token_ms
from requests_attributed
union all
select
    day, utc_day, hour, source, person_no, is_service, direct_unit, model, is_mapped, provider, channel, status, origin,
    is_user_request, input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
    is_without_tokens, metered_usd, cache_saved_usd, key_no, error_class, duration_ms, first_token_ms
from turns_direct
union all
select
    day, utc_day, hour, source, person_no, is_service, direct_unit, model, is_mapped, provider, channel, status, origin,
    is_user_request, input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
    is_without_tokens, metered_usd, cache_saved_usd, key_no, error_class, duration_ms, first_token_ms
from events_direct
