-- title: Adoption by role
-- about: Persons active in the 28 days up to a day, by their role on the day of use, against the role's head-count on
--        that day. Unknown where no head-count is given. All roles are given together, so that a small one is not had by
--        subtraction from the others.
-- grain: one row per unit and role with people or a head-count
-- access: faculty
-- param: day date  last day included
-- param: units list  units asked for
-- column: unit varchar [text]  unit with everything below it
-- column: role varchar [text]  role by the directory
-- column: mau bigint [persons]  active in the 28 days up to the day
-- column: eligible_persons bigint [count]  head-count of the role, null where none is given
-- column: adoption_rate double [share]  mau / eligible_persons
-- siblings: unit
-- derived: adoption_rate mau times
with units_asked as (
    select unit from unit where unit in (select unnest($units))
),

roles_found as (
    select distinct member as role from active_bits where dimension = 'role'
    union
    select distinct role from population
),

persons_united as (
    select u.member as unit, r.member as role, bit_count(bit_or(u.persons & r.persons)) as mau
    from active_bits as u
    join active_bits as r on r.day = u.day and r.dimension = 'role'
    where
        u.dimension = 'unit'
        and u.member in (select unit from units_asked)
        and u.day > $day - 28
        and u.day <= $day
    group by u.member, r.member
),

population_summed as (
    select c.ancestor as unit, p.role, cast(sum(p.persons) as bigint) as eligible_persons
    from population as p
    join unit_closure as c on c.unit = p.unit
    where $day >= p.valid_from and $day < p.valid_to and c.ancestor in (select unit from units_asked)
    group by c.ancestor, p.role
)

select
    u.unit,
    k.role,
    coalesce(a.mau, 0) as mau,
    p.eligible_persons,
    cast(coalesce(a.mau, 0) as double) / nullif(p.eligible_persons, 0) as adoption_rate,
from units_asked as u
cross join roles_found as k
left join persons_united as a on a.unit = u.unit and a.role = k.role
left join population_summed as p on p.unit = u.unit and p.role = k.role
order by u.unit, k.role
