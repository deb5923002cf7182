-- A cost in USD on a day without any exchange rate on or before it: the cost in CZK would be a guess.
-- remedy: add rates for these days to the fx folder, or set [fx] source = "cnb"
select u.day, sum(u.metered_usd) as metered_usd
from usage_daily as u
join dirty_day as d on d.day = u.day
where u.metered_czk is null
group by u.day
order by u.day
