-- usage_unit_daily (what each unit paid itself) -> usage_total_daily (each unit with everything below it)
insert into usage_total_daily by name
select
    u.day, c.ancestor as unit, u.model, u.provider, u.channel, u.status, u.origin, u.is_service,
    sum(u.requests) as requests,
    sum(u.user_requests) as user_requests,
    sum(u.input_tokens) as input_tokens,
    sum(u.cached_tokens) as cached_tokens,
    sum(u.cache_write_tokens) as cache_write_tokens,
    sum(u.output_tokens) as output_tokens,
    sum(u.reasoning_tokens) as reasoning_tokens,
    sum(u.requests_without_tokens) as requests_without_tokens,
    sum(u.metered_usd) as metered_usd,
    sum(u.metered_czk) as metered_czk,
    sum(u.cache_saved_usd) as cache_saved_usd,
    sum(u.requests_without_cost) as requests_without_cost
from usage_unit_daily as u
join unit_closure as c on c.unit = u.unit
group by u.day, c.ancestor, u.model, u.provider, u.channel, u.status, u.origin, u.is_service
order by c.ancestor, u.day, u.model
