-- usage_total_daily: one row per day, unit, model, provider, channel, status, origin and is_service: usage_daily without
-- persons, as it is published. A unit's rows hold everything below it; the root's rows hold everything.
select
    u.day,
    c.ancestor as unit,
    u.model,
    u.provider,
    u.channel,
    u.status,
    u.origin,
    u.is_service,
    cast(sum(u.requests) as bigint) as requests,
    cast(sum(u.user_requests) as bigint) as user_requests,
    cast(sum(u.input_tokens) as bigint) as input_tokens,
    cast(sum(u.cached_tokens) as bigint) as cached_tokens,
    cast(sum(u.cache_write_tokens) as bigint) as cache_write_tokens,
    cast(sum(u.output_tokens) as bigint) as output_tokens,
    cast(sum(u.reasoning_tokens) as bigint) as reasoning_tokens,
    cast(sum(u.requests_without_tokens) as bigint) as requests_without_tokens,
    cast(sum(u.metered_usd) as decimal(38, 12)) as metered_usd,
    cast(sum(u.metered_czk) as decimal(38, 18)) as metered_czk,
    cast(sum(u.cache_saved_usd) as decimal(38, 12)) as cache_saved_usd,
    cast(sum(u.requests_without_cost) as bigint) as requests_without_cost
from usage_daily as u
join dirty_day as d on d.day = u.day
join unit_closure as c on c.unit = u.unit
group by u.day, c.ancestor, u.model, u.provider, u.channel, u.status, u.origin, u.is_service
order by u.day, c.ancestor, u.model, u.provider, u.channel, u.status, u.origin, u.is_service
