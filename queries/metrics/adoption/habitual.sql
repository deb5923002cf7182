-- title: Habitual persons on several days
-- about: The last two steps of the funnel on each of the days asked for: active in the 28 days up to the day, and
--        habitual, active in at least 9 of the 12 weeks of seven days up to it.
-- grain: one row per day asked for and unit
-- access: faculty
-- param: on_days list  days, each as 2026-10-31
-- param: units list  units asked for
-- column: day date [day]  last day included
-- column: unit varchar [text]  unit with everything below it
-- column: active_28d bigint [persons]  active in the 28 days up to the day
-- column: habitual bigint [persons]  active in at least 9 of the 12 weeks up to the day
-- siblings: day
with days_asked as (
    select distinct cast(unnest($on_days) as date) as day
),

weeks_united as (  -- week 0 are the last seven days
    select a.day, b.member as unit, (a.day - b.day) // 7 as week_no, bit_or(b.persons) as persons
    from days_asked as a
    join active_bits as b on b.day > a.day - 84 and b.day <= a.day
    where b.dimension = 'unit' and b.member in (select unnest($units))
    group by a.day, b.member, (a.day - b.day) // 7
),

weeks_added as (  -- a binary counter per person: place n of the strings ones, twos, fours, eights is person n's count
    select
        day,
        unit,
        bit_count(bit_or(case when week_no < 4 then persons end)) as active_28d,
        list_reduce(
            list({ones: persons, twos: persons & ~persons, fours: persons & ~persons, eights: persons & ~persons}),
            lambda counted, week: {
                ones: xor(counted.ones, week.ones),
                twos: xor(counted.twos, counted.ones & week.ones),
                fours: xor(counted.fours, counted.twos & counted.ones & week.ones),
                eights: counted.eights | (counted.fours & counted.twos & counted.ones & week.ones),
            }
        ) as weeks,
    from weeks_united
    group by day, unit
)

select
    d.day,
    u.unit,
    coalesce(w.active_28d, 0) as active_28d,
    coalesce(bit_count(w.weeks.eights & (w.weeks.ones | w.weeks.twos | w.weeks.fours)), 0) as habitual,
from days_asked as d
cross join unit as u
left join weeks_added as w on w.day = d.day and w.unit = u.unit
where u.unit in (select unnest($units))
order by d.day, u.unit
