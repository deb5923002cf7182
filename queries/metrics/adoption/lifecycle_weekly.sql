-- title: New, returning, resurrected and dormant persons
-- about: Weeks that begin in the period. New: first ever active in the week; returning: also active in the week before;
--        resurrected: active earlier, not in the week before; dormant: active in the week before, not in this one.
--        New + returning + resurrected = active in the week.
-- grain: one row per week and unit
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- column: week_start date [day]  Monday
-- column: unit varchar [text]  unit with everything below it
-- column: new_persons bigint [persons]  first ever active (anywhere in the university) in this week
-- column: returning_persons bigint [persons]  active in this week and the one before
-- column: resurrected_persons bigint [persons]  active in this week and some time before, not in the week before
-- column: dormant_persons bigint [persons]  active in the week before, not in this one
-- column: is_complete boolean [text]  the whole week lies in the period and has data
-- siblings: week_start
-- parts: new_persons returning_persons resurrected_persons
with weeks_asked as (
    select
        week_start,
        week_start + 7 <= least($end, cast(any_value(s.value) as date) + 1) as is_complete,
    from dates as d
    cross join (select value from setting where key = 'data_through_day') as s
    where d.week_start >= $start and d.day >= $start and d.day < $end and d.day <= cast(s.value as date)
    group by week_start
),

weeks_united as (  -- whole weeks are kept; of the one that the period cuts short only the days asked for count
    select unit, week_start, persons
    from active_weeks
    where unit in (select unnest($units)) and week_start >= $start - 7 and week_start + 7 <= $end
    union all
    select member, cast(date_trunc('week', $end) as date), bit_or(persons)
    from active_bits
    where
        dimension = 'unit'
        and member in (select unnest($units))
        and day >= cast(date_trunc('week', $end) as date)
        and day < $end
    group by member
),

persons_compared as (
    select
        w.week_start,
        u.unit,
        w.is_complete,
        n.persons as now,
        p.persons as before,
        s.persons as seen,
    from weeks_asked as w
    cross join unit as u
    left join weeks_united as n on n.unit = u.unit and n.week_start = w.week_start
    left join weeks_united as p on p.unit = u.unit and p.week_start = w.week_start - 7
    left join seen_weeks as s on s.week_start = w.week_start
    where u.unit in (select unnest($units))
)

select
    week_start,
    unit,
    coalesce(bit_count(now & ~seen), bit_count(now), 0) as new_persons,
    coalesce(bit_count(now & before), 0) as returning_persons,
    coalesce(bit_count(now & seen & ~before), bit_count(now & seen), 0) as resurrected_persons,
    coalesce(bit_count(before & ~now), bit_count(before), 0) as dormant_persons,
    is_complete,
from persons_compared
order by week_start, unit
