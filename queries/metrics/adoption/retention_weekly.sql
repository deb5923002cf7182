-- title: Retention by week
-- about: Of the persons first active in a week, how many were active in the n-th week after it (week 0 is the first).
--        Cohorts whose week begins in the period; a mean must be weighted by cohort_persons, over complete weeks only.
-- grain: one row per unit, cohort week and week number
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- column: unit varchar [text]  unit with everything below it
-- column: cohort_week date [day]  Monday of the week in which the persons were first ever active
-- column: week_no integer [count]  weeks since, 0 = the cohort's own
-- column: cohort_persons bigint [persons]  first ever active in the cohort week, and active in the unit then
-- column: active_persons bigint [persons]  of these, active in the unit in that week
-- column: is_complete boolean [text]  the whole week lies in the period and has data
-- siblings: cohort_week week_no
-- empty: left out
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
    where unit in (select unnest($units)) and week_start >= $start and week_start + 7 <= $end
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

cohorts_formed as (
    select
        u.unit,
        a.week_start as cohort_week,
        coalesce(u.persons & ~s.persons, u.persons) as persons,
    from weeks_asked as a
    join weeks_united as u on u.week_start = a.week_start
    left join seen_weeks as s on s.week_start = a.week_start
    where u.unit in (select unnest($units))
)

select
    c.unit,
    c.cohort_week,
    cast((a.week_start - c.cohort_week) // 7 as integer) as week_no,
    bit_count(c.persons) as cohort_persons,
    coalesce(bit_count(c.persons & u.persons), 0) as active_persons,
    a.is_complete,
from cohorts_formed as c
join weeks_asked as a on a.week_start >= c.cohort_week
left join weeks_united as u on u.unit = c.unit and u.week_start = a.week_start
where bit_count(c.persons) > 0
order by c.unit, c.cohort_week, week_no
