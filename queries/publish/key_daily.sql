-- A key is named by its service account or its team, never by an alias or a pseudonym; the keys of single persons are
-- one row per unit, since a figure about one of them would be a figure about a person.
with services_of_keys as (
    select k.key_no, min(s.name) as name
    from build.api_key as k
    left join build.account as a on a.account_no = k.owner_account_no
    join build.service_account as s
        on (s.kind = 'key_alias' and s.match_key = k.alias_key)
        or (s.kind = 'key' and s.match_key = k.api_key_key)
        or (s.kind = 'user' and s.match_key in (a.account_key, a.person_key))
    group by k.key_no
),

keys_placed as (
    select
        k.key_no,
        case
            when coalesce(r.is_chat_ui, false) then 'chat'
            when s.name is not null or coalesce(r.is_service, false) or coalesce(o.is_service, false) then 'service'
            when k.team_id is not null then 'team'
            when k.owner_account_no is not null then 'personal'
            when k.is_listed then 'key'
            else 'unlisted'
        end as kind,
        coalesce(s.name, t.name, k.team_id) as name
    from build.api_key as k
    left join build.key_rule as r on r.key_no = k.key_no
    left join build.account_rule as o on o.account_no = k.owner_account_no
    left join build.team as t on t.source = k.source and t.team_id = k.team_id
    left join services_of_keys as s on s.key_no = k.key_no
),

keys_named as (
    select
        key_no,
        kind,
        case
            when kind = 'personal' then 'personal keys'
            when kind = 'unlisted' then 'unlisted keys'
            when kind = 'chat' then coalesce(name, 'chat UI')
            else coalesce(name, 'key ' || key_no)
        end as name
    from keys_placed
)

select
    d.day,
    d.unit,
    coalesce(k.kind, 'none') as kind,
    coalesce(k.name, 'no key') as name,
    d.model,
    cast(sum(d.requests) as bigint) as requests,
    cast(sum(d.failures) as bigint) as failures,
    sum(d.metered_usd) as metered_usd,
    cast(
        cast(sum(d.metered_usd) as decimal(24, 12))
        * cast(case when sum(d.metered_usd) = 0 then 0 else any_value(r.czk_per_unit) end as decimal(12, 6))
        as decimal(38, 18)
    ) as metered_czk
from build.key_daily as d
left join keys_named as k on k.key_no = d.key_no
left join build.rate_daily as r on r.day = d.day and r.currency = 'USD'
group by d.day, d.unit, 3, 4, d.model
order by d.day
