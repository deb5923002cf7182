-- title: Days
-- about: The days of the data and a year beyond, with weeks, terms, exams and holidays.
-- grain: one row per day
-- access: all
-- param: start date  first day
-- param: end date  day after the last
-- column: day date [day]  local day
-- column: day_no integer [count]  days since 1970-01-01
-- column: week_start date [day]  Monday of its week
-- column: month_start date [day]  first day of its month
-- column: weekday integer [count]  1 = Monday
-- column: term varchar [text]  term it lies in
-- column: term_week integer [count]  week of that term, from 1
-- column: is_weekend boolean [text]  Saturday or Sunday
-- column: is_exam boolean [text]  in an exam period
-- column: is_holiday boolean [text]  a public holiday
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
    is_holiday,
from dates
where day >= $start and day < $end
order by day
