-- the months within the period that have data, by their first day
select distinct month_start
from dates
where
    month_start >= $start
    and month_start < $end
    and day <= (select cast(value as date) from setting where key = 'data_through_day')
order by month_start
