-- key_daily: one row per day, gateway key, paying unit, model, channel and is_service: requests and cost of the gateway.
-- Who pays is as in usage_daily, but a person with several home units pays from the primary one alone.
select
    u.day,
    u.key_no,
    coalesce(u.direct_unit, h.unit, case when u.is_service then 'SHARED' else 'UNKNOWN' end) as unit,
    u.model,
    u.channel,
    u.is_service,
    cast(sum(case when u.status = 'success' then 1 else 0 end) as bigint) as requests,
    cast(sum(case when u.status = 'success' then 0 else 1 end) as bigint) as failures,
    cast(sum(coalesce(u.metered_usd, 0)) as decimal(38, 12)) as metered_usd
from use as u
left join home_unit as h
    on h.person_no = u.person_no and h.is_primary and u.day >= h.valid_from and u.day < h.valid_to
where u.origin = 'gateway'
group by
    u.day,
    u.key_no,
    coalesce(u.direct_unit, h.unit, case when u.is_service then 'SHARED' else 'UNKNOWN' end),
    u.model,
    u.channel,
    u.is_service
order by u.day, u.key_no nulls last, 3, u.model, u.channel, u.is_service
