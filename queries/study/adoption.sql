-- one row per faculty: its population on the last day of data and its persons active in the period
with through as (
    select cast(value as date) as day from setting where key = 'data_through_day'
),

population_summed as (
    select
        c.ancestor as unit,
        cast(sum(p.persons) as bigint) as population,
    from population as p
    join unit_closure as c on c.unit = p.unit
    cross join through as t
    where t.day >= p.valid_from and t.day < p.valid_to
    group by c.ancestor
),

active_counted as (
    select
        c.ancestor as unit,
        count(distinct p.person_no) as active,
    from person_month as p
    join unit_closure as c on c.unit = p.unit
    where p.month_start >= $start and p.month_start < $end and p.user_requests > 0
    group by c.ancestor
)

select
    u.unit,
    coalesce(p.population, 0) as population,
    coalesce(a.active, 0) as active,
from unit as u
left join population_summed as p on p.unit = u.unit
left join active_counted as a on a.unit = u.unit
where u.level = 'faculty'
order by u.unit
