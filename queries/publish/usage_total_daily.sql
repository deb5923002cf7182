-- by unit, so that a question about one reads few rows of the others
select
    day,
    unit,
    model,
    provider,
    channel,
    status,
    origin,
    is_service,
    requests,
    user_requests,
    input_tokens,
    cached_tokens,
    cache_write_tokens,
    output_tokens,
    reasoning_tokens,
    requests_without_tokens,
    metered_usd,
    metered_czk,
    cache_saved_usd,
    requests_without_cost
from build.usage_total_daily
order by unit, day
