select
    day,
    day_no,
    week_start,
    month_start,
    weekday,
    term,
    term_week,
    is_weekend,
    is_exam,
    is_holiday
from build.dates
order by day
