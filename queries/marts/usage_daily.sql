-- usage_daily: one row per day, person, paying unit, model, provider, channel, status and origin.
-- A use without a direct payer goes to the person's home units by weight; the primary one keeps the remainder, so that
-- every measure adds up exactly. Without a home: SHARED for services, UNKNOWN otherwise.
with cells as (
    select
        day, person_no, is_service, direct_unit, model, provider, channel, status, origin,
        count(*) as requests,
        cast(sum(is_user_request) as bigint) as user_requests,
        cast(sum(coalesce(input_tokens, 0)) as bigint) as input_tokens,
        cast(sum(coalesce(cached_tokens, 0)) as bigint) as cached_tokens,
        cast(sum(coalesce(cache_write_tokens, 0)) as bigint) as cache_write_tokens,
        cast(sum(coalesce(output_tokens, 0)) as bigint) as output_tokens,
        cast(sum(coalesce(reasoning_tokens, 0)) as bigint) as reasoning_tokens,
        cast(sum(is_without_tokens) as bigint) as requests_without_tokens,
        cast(sum(coalesce(metered_usd, 0)) as decimal(38, 12)) as metered_usd,
        cast(sum(cache_saved_usd) as decimal(38, 12)) as cache_saved_usd,
        cast(sum(case when use.metered_usd is null and status = 'success' then 1 else 0 end) as bigint)
            as requests_without_cost
    from use
    group by day, person_no, is_service, direct_unit, model, provider, channel, status, origin
),

cells_placed as (
    select
        c.day, c.person_no, c.is_service, c.direct_unit, c.model, c.provider, c.channel, c.status, c.origin,
        c.requests, c.user_requests, c.input_tokens, c.cached_tokens, c.cache_write_tokens, c.output_tokens,
        c.reasoning_tokens, c.requests_without_tokens, c.metered_usd, c.cache_saved_usd, c.requests_without_cost,
        coalesce(c.direct_unit, h.unit, case when c.is_service then 'SHARED' else 'UNKNOWN' end) as unit,
        coalesce(h.weight, cast(1 as decimal(9, 6))) as weight,
        coalesce(h.is_primary, true) as is_primary
    from cells as c
    left join home_unit as h
        on h.person_no = c.person_no and c.direct_unit is null and c.day >= h.valid_from and c.day < h.valid_to
),

-- what each further home unit takes: whole requests and tokens rounded down, money rounded at 12 digits
shares as (
    select
        p.day, p.person_no, p.is_service, p.direct_unit, p.model, p.provider, p.channel, p.status, p.origin, p.unit,
        p.is_primary,
        p.requests, p.user_requests, p.input_tokens, p.cached_tokens, p.cache_write_tokens, p.output_tokens,
        p.reasoning_tokens, p.requests_without_tokens, p.metered_usd, p.cache_saved_usd, p.requests_without_cost,
        case when p.is_primary then 0 else cast(floor(p.requests * p.weight) as bigint) end as s_requests,
        case when p.is_primary then 0 else cast(floor(p.user_requests * p.weight) as bigint) end as s_user_requests,
        case when p.is_primary then 0 else cast(floor(p.input_tokens * p.weight) as bigint) end as s_input,
        case when p.is_primary then 0 else cast(floor(p.cached_tokens * p.weight) as bigint) end as s_cached,
        case when p.is_primary then 0 else cast(floor(p.cache_write_tokens * p.weight) as bigint) end as s_write,
        case when p.is_primary then 0 else cast(floor(p.output_tokens * p.weight) as bigint) end as s_output,
        case when p.is_primary then 0 else cast(floor(p.reasoning_tokens * p.weight) as bigint) end as s_reasoning,
        case when p.is_primary then 0 else cast(floor(p.requests_without_tokens * p.weight) as bigint) end as s_no_tokens,
        case when p.is_primary then 0 else cast(floor(p.requests_without_cost * p.weight) as bigint) end as s_no_cost,
        case
            when p.is_primary then cast(0 as decimal(38, 12))
            else cast(round(cast(p.metered_usd as decimal(28, 12)) * cast(p.weight as decimal(9, 6)), 12) as decimal(38, 12))
        end as s_usd,
        case
            when p.is_primary then cast(0 as decimal(38, 12))
            else cast(round(cast(p.cache_saved_usd as decimal(28, 12)) * cast(p.weight as decimal(9, 6)), 12) as decimal(38, 12))
        end as s_saved
    from cells_placed as p
),

shares_given as (
    select
        s.day, s.person_no, s.is_service, s.direct_unit, s.model, s.provider, s.channel, s.status, s.origin,
        sum(s.s_requests) as g_requests,
        sum(s.s_user_requests) as g_user_requests,
        sum(s.s_input) as g_input,
        sum(s.s_cached) as g_cached,
        sum(s.s_write) as g_write,
        sum(s.s_output) as g_output,
        sum(s.s_reasoning) as g_reasoning,
        sum(s.s_no_tokens) as g_no_tokens,
        sum(s.s_no_cost) as g_no_cost,
        sum(s.s_usd) as g_usd,
        sum(s.s_saved) as g_saved
    from shares as s
    where not s.is_primary
    group by s.day, s.person_no, s.is_service, s.direct_unit, s.model, s.provider, s.channel, s.status, s.origin
)

select
    s.day,
    s.person_no,
    s.is_service,
    s.unit,
    s.model,
    s.provider,
    s.channel,
    s.status,
    s.origin,
    cast(case when s.is_primary then s.requests - coalesce(g.g_requests, 0) else s.s_requests end as bigint) as requests,
    cast(case when s.is_primary then s.user_requests - coalesce(g.g_user_requests, 0) else s.s_user_requests end as bigint)
        as user_requests,
    cast(case when s.is_primary then s.input_tokens - coalesce(g.g_input, 0) else s.s_input end as bigint) as input_tokens,
    cast(case when s.is_primary then s.cached_tokens - coalesce(g.g_cached, 0) else s.s_cached end as bigint)
        as cached_tokens,
    cast(case when s.is_primary then s.cache_write_tokens - coalesce(g.g_write, 0) else s.s_write end as bigint)
        as cache_write_tokens,
    cast(case when s.is_primary then s.output_tokens - coalesce(g.g_output, 0) else s.s_output end as bigint)
        as output_tokens,
    cast(case when s.is_primary then s.reasoning_tokens - coalesce(g.g_reasoning, 0) else s.s_reasoning end as bigint)
        as reasoning_tokens,
    cast(
        case when s.is_primary then s.requests_without_tokens - coalesce(g.g_no_tokens, 0) else s.s_no_tokens end as bigint
    ) as requests_without_tokens,
    cast(case when s.is_primary then s.metered_usd - coalesce(g.g_usd, 0) else s.s_usd end as decimal(38, 12))
        as metered_usd,
    cast(
        cast(case when s.is_primary then s.metered_usd - coalesce(g.g_usd, 0) else s.s_usd end as decimal(24, 12))
        * cast(case when s.metered_usd = 0 then 0 else r.czk_per_unit end as decimal(12, 6)) as decimal(38, 18)
    ) as metered_czk,
    cast(case when s.is_primary then s.cache_saved_usd - coalesce(g.g_saved, 0) else s.s_saved end as decimal(38, 12))
        as cache_saved_usd,
    cast(case when s.is_primary then s.requests_without_cost - coalesce(g.g_no_cost, 0) else s.s_no_cost end as bigint)
        as requests_without_cost
from shares as s
left join shares_given as g
    on g.day = s.day
    and coalesce(g.person_no, -1) = coalesce(s.person_no, -1)
    and g.is_service = s.is_service
    and coalesce(g.direct_unit, '') = coalesce(s.direct_unit, '')
    and g.model = s.model
    and g.provider = s.provider
    and g.channel = s.channel
    and g.status = s.status
    and g.origin = s.origin
left join rate_daily as r on r.day = s.day and r.currency = 'USD'
order by s.day, s.person_no nulls last, s.unit, s.model, s.provider, s.channel, s.status, s.origin
