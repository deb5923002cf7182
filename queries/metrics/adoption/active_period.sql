-- title: Active persons in a period
-- about: Distinct persons with at least one successful request of their own between two days, counted exactly once.
-- grain: one row per unit
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- column: unit varchar [text]  unit with everything below it
-- column: active_persons bigint [persons]  active at least once in the period
with persons_united as (
    select member as unit, bit_or(persons) as persons
    from active_bits
    where dimension = 'unit' and member in (select unnest($units)) and day >= $start and day < $end
    group by member
)

select
    u.unit,
    coalesce(bit_count(p.persons), 0) as active_persons,
from unit as u
left join persons_united as p on p.unit = u.unit
where u.unit in (select unnest($units))
order by u.unit
