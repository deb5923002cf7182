-- active_weeks: one row per Monday and unit, of the weeks that hold a day of dirty_bits_day.
select cast(date_trunc('week', b.day) as date) as week_start, b.member as unit, bit_or(b.persons) as persons
from active_bits as b
where b.dimension = 'unit'
    and cast(date_trunc('week', b.day) as date) in (
        select cast(date_trunc('week', day) as date) from dirty_bits_day
    )
group by cast(date_trunc('week', b.day) as date), b.member
order by b.member, week_start
