-- title: Active persons per day by role or channel
-- about: Distinct persons of a unit in the trailing 1, 7 and 28 local days, by their role on the day of use or by the way
--        they came (chat or a key of their own); who changed role or used both ways counts in both.
-- grain: one row per day, unit and role or channel asked for that was ever used
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: split text  role or channel
-- param: members list  the roles or channels asked for: each costs as much time as a unit does
-- column: day date [day]  local day
-- column: unit varchar [text]  unit with everything below it
-- column: member varchar [text]  the role or channel
-- column: dau bigint [persons]  active on the day
-- column: wau bigint [persons]  active in the 7 days up to the day
-- column: mau bigint [persons]  active in the 28 days up to the day
-- siblings: day unit
with units_asked as (
    select unit from unit where unit in (select unnest($units))
),

days_covered as (
    select day
    from dates
    where
        day > $start - 28
        and day < $end
        and day <= (select cast(value as date) from setting where key = 'data_through_day')
),

members_found as (
    select distinct member from active_bits where dimension = $split and member in (select unnest($members))
),

persons_joined as (
    select u.day, u.member as unit, s.member, u.persons & s.persons as persons
    from active_bits as u
    join active_bits as s on s.day = u.day and s.dimension = $split and s.member in (select member from members_found)
    where u.dimension = 'unit' and u.member in (select unit from units_asked) and u.day > $start - 28 and u.day < $end
),

windows_united as (
    select
        d.day,
        u.unit,
        m.member,
        p.persons as persons_1,
        bit_or(p.persons) over (
            partition by u.unit, m.member order by d.day range between interval 6 days preceding and current row
        ) as persons_7,
        bit_or(p.persons) over (
            partition by u.unit, m.member order by d.day range between interval 27 days preceding and current row
        ) as persons_28,
    from days_covered as d
    cross join units_asked as u
    cross join members_found as m
    left join persons_joined as p on p.day = d.day and p.unit = u.unit and p.member = m.member
)

select
    day,
    unit,
    member,
    coalesce(bit_count(persons_1), 0) as dau,
    coalesce(bit_count(persons_7), 0) as wau,
    coalesce(bit_count(persons_28), 0) as mau,
from windows_united
where day >= $start
order by day, unit, member
