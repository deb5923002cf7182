-- title: What made a day's cost
-- about: For each of the chosen days, what each model, and each unit directly below, cost on it and usually: usual is
--        the (lower) median of the same weekday in the up to eight weeks before, 0 in a week without use.
-- grain: one row per day, unit, kind and part used on the day or in the weeks before
-- access: faculty
-- param: chosen list  days like 2026-10-26
-- param: units list  units asked for
-- column: day date [day]  local day
-- column: unit varchar [text]  paying unit with everything below it
-- column: kind varchar [text]  model, or unit: directly below
-- column: part varchar [text]  the model or unit
-- column: metered_czk decimal(38,18) [czk]  what it cost on the day
-- column: usual_czk decimal(38,18) [czk]  what it usually costs
-- column: difference_czk decimal(38,18) [czk]  metered_czk - usual_czk
with days_compared as (  -- week 0 is the day itself
    select a.day, k.week, a.day - 7 * k.week as other_day
    from (select cast(unnest($chosen) as date) as day) as a
    cross join (select unnest([0, 1, 2, 3, 4, 5, 6, 7, 8]) as week) as k
    where a.day - 7 * k.week >= (
        select min(day) from usage_total_daily where unit = (select value from setting where key = 'root_unit')
    )
),

parts_summed as (
    select c.day, c.week, t.unit, 'model' as kind, t.model as part, sum(t.metered_czk) as czk
    from days_compared as c
    join usage_total_daily as t on t.day = c.other_day
    where t.unit in (select unnest($units))
    group by c.day, c.week, t.unit, t.model
    union all
    select c.day, c.week, u.parent_unit, 'unit', t.unit, sum(t.metered_czk)
    from days_compared as c
    join usage_total_daily as t on t.day = c.other_day
    join unit as u on u.unit = t.unit
    where u.parent_unit in (select unnest($units))
    group by c.day, c.week, u.parent_unit, t.unit
),

weeks_counted as (
    select day, count(*) - 1 as weeks from days_compared group by day
),

parts_grouped as (
    select
        p.day,
        p.unit,
        p.kind,
        p.part,
        sum(case when p.week = 0 then p.czk else 0 end) as czk,
        list_sort(coalesce(list(p.czk) filter (where p.week > 0), [])) as others,
    from parts_summed as p
    group by p.day, p.unit, p.kind, p.part
),

parts_compared as (
    select
        g.day,
        g.unit,
        g.kind,
        g.part,
        g.czk,
        -- the weeks without use hold 0 and stand first in the order
        coalesce(
            case
                when (w.weeks + 1) // 2 > w.weeks - len(g.others)
                    then g.others[(w.weeks + 1) // 2 - (w.weeks - len(g.others))]
            end,
            0
        ) as usual,
    from parts_grouped as g
    join weeks_counted as w on w.day = g.day
)

select
    day,
    unit,
    kind,
    part,
    cast(czk as decimal(38, 18)) as metered_czk,
    cast(usual as decimal(38, 18)) as usual_czk,
    cast(czk - usual as decimal(38, 18)) as difference_czk,
from parts_compared
order by day, unit, kind, abs(czk - usual) desc, part
