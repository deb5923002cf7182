-- One row per gateway request: the same id must not stand twice on a rebuilt day.
-- remedy: a bug in the load; nothing of it was kept
select r.day, r.request_key, count(*) as rows
from fact_request as r
join dirty_day as d on d.day = r.day
group by r.day, r.request_key, r.source
having count(*) > 1
order by 1, 2
