-- crowd: distinct persons behind each breakdown, unit and member in the whole history (queries/closed.py).
-- Who stands behind a unit's amounts: those who asked and were paid for by it; of ratings the raters' home units.
-- home: who was counted as active in the unit. role: who is at home in the unit, in that role. A breakdown of one
-- channel has its name after it: 'model api'. What service accounts alone used has nobody behind it. $last: the
-- largest number of a person (bit strings are or-ed up the tree: counting distinct numbers anew for each breakdown
-- takes ten times as long).
with uses as (
    select unit, model, provider, channel, bitstring_agg(person_no, 0, cast($last as integer)) as persons
    from (select distinct unit, model, provider, channel, person_no from usage_daily)
    group by unit, model, provider, channel
),

units_reached as (
    select c.ancestor, is_own, u.model, u.provider, u.channel, u.persons
    from uses as u
    join unit_closure as c on c.unit = u.unit
    cross join (values (true), (false)) as o (is_own)
    where not o.is_own or c.ancestor = c.unit
),

uses_counted as (
    select
        case
            when grouping(model) = 1 and grouping(provider) = 1 then 'unit'
            when grouping(provider) = 1 then 'model'
            when grouping(model) = 1 then 'provider'
            else 'leaf'
        end || case when grouping(channel) = 1 then '' else ' ' || channel end as breakdown,
        ancestor as unit,
        is_own,
        concat_ws(
            chr(9),
            case when grouping(model) = 0 then model end,
            case when grouping(provider) = 0 then provider end
        ) as member,
        coalesce(bit_count(bit_or(persons)), 0) as persons,
    from units_reached
    group by grouping sets (
        (ancestor, is_own), (ancestor, is_own, channel),
        (ancestor, is_own, model), (ancestor, is_own, model, channel),
        (ancestor, is_own, provider), (ancestor, is_own, provider, channel),
        (ancestor, is_own, model, provider), (ancestor, is_own, model, provider, channel)
    )
),

roles_found as (
    select distinct unit, role, person_no from person_daily
),

raters as (
    select distinct coalesce(h.unit, 'UNKNOWN') as unit, m.model, r.person_no
    from fact_rating as f
    join account_rule as r on r.account_no = f.account_no
    join model as m on m.name = f.model
    left join home_unit as h
        on h.person_no = r.person_no and h.is_primary and f.day >= h.valid_from and f.day < h.valid_to
),

raters_found as (
    select 'rater' as breakdown, unit, '' as member, person_no from raters
    union
    select 'rater_model', unit, model, person_no from raters
)

select breakdown, unit, is_own, member, persons
from uses_counted
union all
select f.breakdown, c.ancestor, false, f.member, count(distinct f.person_no)
from raters_found as f
join unit_closure as c on c.unit = f.unit
group by f.breakdown, c.ancestor, f.member
union all
select breakdown, unit, true, member, count(distinct person_no)
from raters_found
group by breakdown, unit, member
union all
select 'role', c.ancestor, false, f.role, count(distinct f.person_no)
from roles_found as f
join unit_closure as c on c.unit = f.unit
group by c.ancestor, f.role
union all
select 'role', unit, true, role, count(*)
from roles_found
group by unit, role
union all
select 'home', unit, false, '', bit_count(bit_or(persons))
from active_weeks
group by unit
order by breakdown, unit, is_own, member
