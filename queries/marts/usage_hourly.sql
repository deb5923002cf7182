-- usage_hourly: one row per day, hour, paying unit and channel with requests that persons made themselves.
select
    u.day,
    u.hour,
    coalesce(u.direct_unit, h.unit, 'UNKNOWN') as unit,
    u.channel,
    cast(sum(u.is_user_request) as bigint) as user_requests
from use as u
left join home_unit as h
    on h.person_no = u.person_no and h.is_primary and u.day >= h.valid_from and u.day < h.valid_to
where u.is_user_request = 1
group by u.day, u.hour, coalesce(u.direct_unit, h.unit, 'UNKNOWN'), u.channel
order by 1, 2, 3, 4
