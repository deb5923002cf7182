with used as (
    select m.name, count(*) as requests, sum(coalesce(r.metered_usd, 0)) as metered_usd
    from build.model as m
    join (
        select model, metered_usd from build.fact_request
        union all
        select t.model, null
        from build.fact_chat_turn as t
        join build.model as n on n.name = t.model and not n.is_gateway  -- the others are counted at the gateway
    ) as r on r.model = m.name
    where not m.is_mapped
    group by m.name
),

teams as (
    select coalesce(t.name, t.team_id) || ' (' || t.unit || ')' as name, t.source, t.team_id
    from build.team as t
    where t.unit is not null
        and not t.is_chat_ui
        and not exists (select 1 from build.unit_name as n where n.name = upper(t.unit))
),

groups_unknown as (
    select distinct g.group_name as name
    from build.group_membership as g
    where g.valid_to = date '9999-12-31'
        and not exists (select 1 from build.group_rule as r where r.group_name = g.group_name)
)

select 'model' as kind, name, requests, cast(metered_usd as decimal(38, 12)) as metered_usd from used
union all
select 'team', t.name, count(r.day), cast(sum(coalesce(r.metered_usd, 0)) as decimal(38, 12))
from teams as t
left join build.fact_request as r on r.source = t.source and r.team_id = t.team_id
group by t.name
union all
select 'group', name, null, null from groups_unknown
order by 1, 2
