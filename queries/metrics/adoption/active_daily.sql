-- title: Active persons per day
-- about: Distinct persons with at least one successful request of their own in the trailing 1, 7 and 28 local days.
--        Days after the last day with data are left out; a day with nobody is 0.
-- grain: one row per day and unit
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- column: day date [day]  local day
-- column: unit varchar [text]  unit with everything below it
-- column: dau bigint [persons]  active on the day
-- column: wau bigint [persons]  active in the 7 days up to the day
-- column: mau bigint [persons]  active in the 28 days up to the day
-- siblings: day
with units_asked as (
    select unit from unit where unit in (select unnest($units))
),

days_covered as (
    select day
    from dates
    where
        day >= $start
        and day < $end
        and day <= (select cast(value as date) from setting where key = 'data_through_day')
)

select
    d.day,
    u.unit,
    coalesce(a.dau, 0) as dau,
    coalesce(a.wau, 0) as wau,
    coalesce(a.mau, 0) as mau,
from days_covered as d
cross join units_asked as u
left join active_daily as a on a.dimension = 'unit' and a.member = u.unit and a.day = d.day
order by d.day, u.unit
