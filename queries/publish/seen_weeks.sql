select
    w.week_start,
    bit_or(r.persons) over (order by w.week_start rows between unbounded preceding and 1 preceding) as persons
from (
    select distinct week_start
    from build.dates
    where day <= (select cast(value as date) from build.ops.setting where key = 'data_through_day')
) as w
left join build.active_weeks as r
    on r.week_start = w.week_start
    and r.unit = (select value from build.ops.setting where key = 'root_unit')
order by w.week_start
