select
    day,
    unit,
    model,
    provider,
    channel,
    status,
    origin,
    is_service,
    cast(sum(requests) as bigint) as requests,
    cast(sum(user_requests) as bigint) as user_requests,
    cast(sum(input_tokens) as bigint) as input_tokens,
    cast(sum(cached_tokens) as bigint) as cached_tokens,
    cast(sum(cache_write_tokens) as bigint) as cache_write_tokens,
    cast(sum(output_tokens) as bigint) as output_tokens,
    cast(sum(reasoning_tokens) as bigint) as reasoning_tokens,
    cast(sum(requests_without_tokens) as bigint) as requests_without_tokens,
    sum(metered_usd) as metered_usd,
    sum(metered_czk) as metered_czk,
    sum(cache_saved_usd) as cache_saved_usd,
    cast(sum(requests_without_cost) as bigint) as requests_without_cost
from build.usage_daily
group by day, unit, model, provider, channel, status, origin, is_service
order by day, unit, model, provider, channel, status, origin, is_service
