-- title: Days out of the ordinary
-- about: Days whose metered cost is far from what that weekday cost in the eight weeks before. Usual is the (lower)
--        median of those days with data, at least six; a day stands out when it differs from it by more than 4 x 1.4826
--        times the median distance from it (a robust standard deviation), by more than half of it, and by more than
--        a floor, so that small amounts are left alone.
-- grain: one row per day that stands out and unit
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: floor_czk decimal = 500  CZK that a day must differ by at least
-- column: day date [day]  local day
-- column: unit varchar [text]  paying unit with everything below it
-- column: metered_czk decimal(38,18) [czk]  metered cost of the day
-- column: usual_czk decimal(38,18) [czk]  the median of the same weekday in the eight weeks before
-- column: is_high boolean [text]  dearer than usual, else cheaper
with bounds_found as (
    select
        min(day) as first_day,
        (select cast(value as date) from setting where key = 'data_through_day') as last_day,
    from usage_total_daily
    where unit = (select value from setting where key = 'root_unit')
),

units_summed as (
    select unit, day, sum(metered_czk) as czk
    from usage_total_daily
    where day >= $start - 56 and day < $end and unit in (select unnest($units))
    group by unit, day
),

costs_compared as (  -- each day of the period with the same weekday of up to eight weeks before it
    select u.unit, d.day, coalesce(n.czk, 0) as czk, coalesce(e.czk, 0) as czk_before
    from dates as d
    cross join bounds_found as b
    cross join (select unnest([1, 2, 3, 4, 5, 6, 7, 8]) as week) as k
    cross join (select unit from unit where unit in (select unnest($units))) as u
    left join units_summed as n on n.unit = u.unit and n.day = d.day
    left join units_summed as e on e.unit = u.unit and e.day = d.day - 7 * k.week
    where d.day >= $start and d.day < $end and d.day <= b.last_day and d.day - 7 * k.week >= b.first_day
),

usual_found as (
    select unit, day, any_value(czk) as czk, quantile_disc(czk_before, 0.5) as usual, list(czk_before) as others
    from costs_compared
    group by unit, day
    having count(*) >= 6
),

distances_found as (
    select unit, day, czk, usual, list_sort([abs(o - usual) for o in others])[(len(others) + 1) // 2] as distance
    from usual_found
)

select
    day,
    unit,
    cast(czk as decimal(38, 18)) as metered_czk,
    cast(usual as decimal(38, 18)) as usual_czk,
    czk > usual as is_high,
from distances_found
where
    abs(czk - usual) > cast($floor_czk as decimal(18, 6))
    and abs(czk - usual) * 2 > usual
    and cast(abs(czk - usual) as double) > 5.9304 * cast(distance as double)
order by day, unit
