-- title: Models in use
-- about: Requests, tokens and cost of each model a unit used, its share of the unit's requests and cost, and its
--        requests in the window of equal length just before.
-- grain: one row per unit and model used in either window
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all
-- column: unit varchar [text]  paying unit with everything below it
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: family varchar [text]  model family, or unknown
-- column: provider varchar [text]  the model's provider, or unknown
-- column: hosting varchar [text]  commercial, self_hosted or unknown
-- column: is_mapped boolean [text]  the model stands in the reference list
-- column: requests bigint [count]  successful requests
-- column: failures bigint [count]  failed requests
-- column: user_requests bigint [count]  of the successful, asked for by persons
-- column: input_tokens bigint [tokens]  uncached input
-- column: cached_tokens bigint [tokens]  input read from the cache
-- column: cache_write_tokens bigint [tokens]  input written to the cache
-- column: output_tokens bigint [tokens]  output, reasoning included
-- column: reasoning_tokens bigint [tokens]  part of output
-- column: billed_tokens bigint [tokens]  input + cached + cache write + output
-- column: metered_usd decimal(38,12) [usd]  metered cost before tax; null = unknown
-- column: metered_czk decimal(38,18) [czk]  metered cost at each day's rate; null = unknown
-- column: requests_without_cost bigint [count]  successful requests whose cost nobody knows
-- column: requests_before bigint [count]  successful requests in the window before
-- column: request_share double [share]  of the unit's successful requests
-- column: cost_share double [share]  of the unit's metered_usd, null where nothing cost anything
with usage_summed as (
    select
        unit,
        model,
        cast(sum(case when day >= $start and status = 'success' then requests else 0 end) as bigint) as requests,
        cast(sum(case when day >= $start and status <> 'success' then requests else 0 end) as bigint) as failures,
        cast(sum(case when day >= $start then user_requests else 0 end) as bigint) as user_requests,
        cast(sum(case when day >= $start then input_tokens else 0 end) as bigint) as input_tokens,
        cast(sum(case when day >= $start then cached_tokens else 0 end) as bigint) as cached_tokens,
        cast(sum(case when day >= $start then cache_write_tokens else 0 end) as bigint) as cache_write_tokens,
        cast(sum(case when day >= $start then output_tokens else 0 end) as bigint) as output_tokens,
        cast(sum(case when day >= $start then reasoning_tokens else 0 end) as bigint) as reasoning_tokens,
        sum(case when day >= $start then metered_usd else 0 end) as metered_usd,
        sum(case when day >= $start then metered_czk else 0 end) as metered_czk,
        cast(sum(case when day >= $start then requests_without_cost else 0 end) as bigint) as requests_without_cost,
        cast(sum(case when day < $start and status = 'success' then requests else 0 end) as bigint) as requests_before,
    from usage_total_daily
    where
        day >= $start - cast($end - $start as integer)
        and day < $end
        and unit in (select unnest($units))
        and ($channel = 'all' or channel = $channel)
    group by unit, model
)

select
    s.unit,
    s.model,
    coalesce(m.title, s.model) as title,
    coalesce(m.family, 'unknown') as family,
    coalesce(m.provider, 'unknown') as provider,
    coalesce(m.hosting, 'unknown') as hosting,
    coalesce(m.is_mapped, false) as is_mapped,
    s.requests,
    s.failures,
    s.user_requests,
    s.input_tokens,
    s.cached_tokens,
    s.cache_write_tokens,
    s.output_tokens,
    s.reasoning_tokens,
    s.input_tokens + s.cached_tokens + s.cache_write_tokens + s.output_tokens as billed_tokens,
    -- a cost nobody knows is not zero
    case when s.requests_without_cost = 0 or s.metered_usd <> 0 then s.metered_usd end as metered_usd,
    case when s.requests_without_cost = 0 or s.metered_usd <> 0 then s.metered_czk end as metered_czk,
    s.requests_without_cost,
    s.requests_before,
    cast(s.requests as double) / nullif(sum(s.requests) over (partition by s.unit), 0) as request_share,
    cast(s.metered_usd as double) / nullif(cast(sum(s.metered_usd) over (partition by s.unit) as double), 0)
        as cost_share,
from usage_summed as s
left join model as m on m.model = s.model
order by s.unit, s.requests desc, s.model
