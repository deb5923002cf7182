select
    day,
    provider,
    model,
    sum(requests) as requests,
    sum(input_tokens) as input_tokens,
    sum(cached_tokens) as cached_tokens,
    sum(cache_write_tokens) as cache_write_tokens,
    sum(output_tokens) as output_tokens,
    sum(web_searches) as web_searches
from build.fact_provider_usage
group by day, provider, model
order by day, provider, model
