-- What is published of usage_daily, kept by day so that publishing copies it instead of adding up the whole history.
create table usage_unit_daily (  -- one row per day, paying unit, model, provider, channel, status, origin, is_service
    day date not null,
    unit varchar not null,
    model varchar not null,
    provider varchar not null,
    channel varchar not null,
    status varchar not null,
    origin varchar not null,
    is_service boolean not null,
    requests bigint not null,
    user_requests bigint not null,
    input_tokens bigint not null,
    cached_tokens bigint not null,
    cache_write_tokens bigint not null,
    output_tokens bigint not null,
    reasoning_tokens bigint not null,
    requests_without_tokens bigint not null,
    metered_usd decimal(38, 12) not null,
    metered_czk decimal(38, 18),  -- null only within a load
    cache_saved_usd decimal(38, 12) not null,
    requests_without_cost bigint not null
);

insert into usage_unit_daily by name
select
    day, unit, model, provider, channel, status, origin, is_service,
    sum(requests) as requests,
    sum(user_requests) as user_requests,
    sum(input_tokens) as input_tokens,
    sum(cached_tokens) as cached_tokens,
    sum(cache_write_tokens) as cache_write_tokens,
    sum(output_tokens) as output_tokens,
    sum(reasoning_tokens) as reasoning_tokens,
    sum(requests_without_tokens) as requests_without_tokens,
    sum(metered_usd) as metered_usd,
    sum(metered_czk) as metered_czk,
    sum(cache_saved_usd) as cache_saved_usd,
    sum(requests_without_cost) as requests_without_cost
from usage_daily
group by day, unit, model, provider, channel, status, origin, is_service
order by day, unit, model, provider, channel, status, origin, is_service;
