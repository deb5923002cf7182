select
    kind,
    name_cs,
    name_en,
    start_day,
    end_day
from build.calendar
order by kind, start_day
