-- People whose unit nobody states: their use and cost stand under UNKNOWN.
-- remedy: add them to people.csv, their e-mail domain to domains.csv, or their group to groups.csv
select u.day, sum(u.requests) as requests, sum(u.metered_usd) as metered_usd
from usage_daily as u
where u.unit = 'UNKNOWN' and u.day > (select max(day) - 28 from usage_daily)
group by u.day
order by u.day
