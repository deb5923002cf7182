-- error_daily: one row per day, model and error class: failed requests and turns, of persons and services alike.
select
    u.day,
    u.model,
    coalesce(u.error_class, 'unknown') as error_class,
    count(*) as failures
from use as u
where u.status = 'failure'
group by u.day, u.model, coalesce(u.error_class, 'unknown')
order by 1, 2, 3
