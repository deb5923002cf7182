select
    week_start,
    unit,
    persons
from build.active_weeks
order by unit, week_start
