-- The last exchange rate is more than ten days older than the last day of use.
-- remedy: set [fx] source = "cnb", or add newer rates to the fx folder
select r.currency, max(r.published_day) as published_day, max(u.last_day) as last_day
from rate_daily as r
cross join (select max(day) as last_day from usage_daily) as u
where r.currency = 'USD'
group by r.currency
having max(u.last_day) - max(r.published_day) > 10
order by 1
