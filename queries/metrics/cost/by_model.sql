-- title: Cost by model
-- about: What each model cost a unit by the gateway's metering, and its price as paid per million tokens.
-- grain: one row per unit and model used
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all
-- column: unit varchar [text]  paying unit with everything below it
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: provider varchar [text]  the model's provider, or unknown
-- column: hosting varchar [text]  commercial, self_hosted or unknown
-- column: requests bigint [count]  successful requests
-- column: billed_tokens bigint [tokens]  input + cached + cache write + output
-- column: metered_usd decimal(38,12) [usd]  metered cost before tax; null = unknown
-- column: metered_czk decimal(38,18) [czk]  metered cost at each day's rate; null = unknown
-- column: requests_without_cost bigint [count]  successful requests whose cost nobody knows
-- column: effective_usd_per_million_tokens decimal(38,6) [usd]  metered_usd per 1,000,000 billed tokens; null where a request's
--         cost is unknown
with usage_summed as (
    select
        unit,
        model,
        cast(sum(case when status = 'success' then requests else 0 end) as bigint) as requests,
        cast(sum(input_tokens + cached_tokens + cache_write_tokens + output_tokens) as bigint) as billed_tokens,
        sum(metered_usd) as metered_usd,
        sum(metered_czk) as metered_czk,
        cast(sum(requests_without_cost) as bigint) as requests_without_cost,
    from usage_total_daily
    where
        day >= $start
        and day < $end
        and unit in (select unnest($units))
        and ($channel = 'all' or channel = $channel)
    group by unit, model
)

select
    s.unit,
    s.model,
    coalesce(m.title, s.model) as title,
    coalesce(m.provider, 'unknown') as provider,
    coalesce(m.hosting, 'unknown') as hosting,
    s.requests,
    s.billed_tokens,
    -- a cost nobody knows is not zero
    case when s.requests_without_cost = 0 or s.metered_usd <> 0 then s.metered_usd end as metered_usd,
    case when s.requests_without_cost = 0 or s.metered_usd <> 0 then s.metered_czk end as metered_czk,
    s.requests_without_cost,
    -- in 10^-12 dollars and whole numbers, since dividing decimals would make a float of the money
    cast(
        cast(
            cast(case when s.requests_without_cost = 0 then s.metered_usd end * 1000000000000 as hugeint)
            // nullif(s.billed_tokens, 0) as decimal(30, 0)
        ) * 0.000001
        as decimal(38, 6)
    ) as effective_usd_per_million_tokens,
from usage_summed as s
left join model as m on m.model = s.model
order by s.unit, s.metered_usd desc nulls last, s.requests desc, s.model
