-- in the order it is kept: by day but for days made anew since, which is enough to find a day by
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
from build.usage_unit_daily
