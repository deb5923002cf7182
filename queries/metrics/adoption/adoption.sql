-- title: Adoption
-- about: Persons active in the 28 days up to a day against the eligible population valid on it, and the same 28 days
--        earlier (each with the population of its own day). Unknown where no population is given.
-- grain: one row per unit
-- access: faculty
-- param: day date  last day included
-- param: units list  units asked for
-- column: unit varchar [text]  unit with everything below it
-- column: mau bigint [persons]  active in the 28 days up to the day; null for a day to come
-- column: mau_before bigint [persons]  active in the 28 days before those
-- column: eligible_persons bigint [count]  head-count of all roles, null where none is given
-- column: adoption_rate double [share]  mau / eligible_persons
-- column: adoption_rate_before double [share]  mau_before / head-count 28 days earlier
-- derived: adoption_rate mau times
-- derived: adoption_rate_before mau_before times
with units_asked as (
    select unit from unit where unit in (select unnest($units))
),

days_compared as (
    select $day as day, 0 as days_earlier
    union all
    select $day - 28, 28
),

population_summed as (
    select c.ancestor as unit, d.days_earlier, cast(sum(p.persons) as bigint) as eligible_persons
    from population as p
    join days_compared as d on d.day >= p.valid_from and d.day < p.valid_to
    join unit_closure as c on c.unit = p.unit
    where c.ancestor in (select unnest($units))
    group by c.ancestor, d.days_earlier
),

values_found as (
    select
        u.unit,
        d.days_earlier,
        case when d.day <= cast(s.value as date) then coalesce(a.mau, 0) end as mau,
        p.eligible_persons,
    from units_asked as u
    cross join days_compared as d
    join setting as s on s.key = 'data_through_day'
    left join active_daily as a on a.dimension = 'unit' and a.member = u.unit and a.day = d.day
    left join population_summed as p on p.unit = u.unit and p.days_earlier = d.days_earlier
)

select
    n.unit,
    n.mau,
    b.mau as mau_before,
    n.eligible_persons,
    cast(n.mau as double) / nullif(n.eligible_persons, 0) as adoption_rate,
    cast(b.mau as double) / nullif(b.eligible_persons, 0) as adoption_rate_before,
from values_found as n
join values_found as b on b.unit = n.unit and b.days_earlier = 28
where n.days_earlier = 0
order by n.unit
