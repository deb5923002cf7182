-- title: List cost and cost avoided
-- about: What the tokens of each model cost at the price of each day (a public list price, or the one of prices.csv),
--        beside what was metered. A missing price is unknown, not 0, and makes the whole sum unknown. Requests whose
--        tokens are unknown are in neither. Cost avoided: of self-hosted models with a price; what their hardware costs
--        is not taken off.
-- grain: one row per unit and model used
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all
-- column: unit varchar [text]  paying unit with everything below it
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: hosting varchar [text]  commercial, self_hosted or unknown
-- column: billed_tokens bigint [tokens]  input + cached + cache write + output
-- column: unpriced_tokens bigint [tokens]  of these, on days or of a kind without a price
-- column: unmeasured_requests bigint [count]  requests whose tokens are unknown
-- column: metered_usd decimal(38,12) [usd]  metered cost before tax
-- column: list_usd decimal(38,12) [usd]  billed tokens at each day's price; null where unpriced_tokens is not 0
-- column: cost_avoidance_usd decimal(38,12) [usd]  list_usd - metered_usd of a self-hosted model; else null
with usage_grouped as (
    select
        u.unit,
        u.model,
        p.valid_from,
        sum(u.input_tokens) as input_tokens,
        sum(u.cached_tokens) as cached_tokens,
        sum(u.cache_write_tokens) as cache_write_tokens,
        sum(u.output_tokens) as output_tokens,
        sum(u.requests_without_tokens) as unmeasured_requests,
        sum(u.metered_usd) as metered_usd,
    from usage_total_daily as u
    left join price as p on p.model = u.model and u.day >= p.valid_from and u.day < p.valid_to
    where
        u.day >= $start
        and u.day < $end
        and u.unit in (select unnest($units))
        and ($channel = 'all' or u.channel = $channel)
    group by u.unit, u.model, p.valid_from
),

kinds_listed as (
    select g.unit, g.model, g.valid_from, k.tokens, k.usd
    from usage_grouped as g
    left join price as p on p.model = g.model and p.valid_from = g.valid_from
    cross join lateral (
        values
            (g.input_tokens, p.input_usd),
            (g.cached_tokens, p.cached_usd),
            (g.cache_write_tokens, p.cache_write_usd),
            (g.output_tokens, p.output_usd)
    ) as k (tokens, usd)
),

kinds_summed as (
    select
        unit,
        model,
        sum(tokens) as billed_tokens,
        sum(case when usd is null then tokens else 0 end) as unpriced_tokens,
        sum(cast(tokens as decimal(19, 0)) * cast(coalesce(usd, 0) * 0.000001 as decimal(18, 12))) as list_usd,
    from kinds_listed
    group by unit, model
),

usage_summed as (
    select
        unit,
        model,
        sum(unmeasured_requests) as unmeasured_requests,
        sum(metered_usd) as metered_usd,
    from usage_grouped
    group by unit, model
),

units_summed as (
    select
        s.unit,
        s.model,
        cast(k.billed_tokens as bigint) as billed_tokens,
        cast(k.unpriced_tokens as bigint) as unpriced_tokens,
        cast(s.unmeasured_requests as bigint) as unmeasured_requests,
        s.metered_usd,
        cast(case when k.unpriced_tokens = 0 then k.list_usd end as decimal(38, 12)) as list_usd,
    from usage_summed as s
    join kinds_summed as k on k.unit = s.unit and k.model = s.model
)

select
    s.unit,
    s.model,
    coalesce(m.title, s.model) as title,
    coalesce(m.hosting, 'unknown') as hosting,
    s.billed_tokens,
    s.unpriced_tokens,
    s.unmeasured_requests,
    s.metered_usd,
    s.list_usd,
    case when m.hosting = 'self_hosted' then s.list_usd - s.metered_usd end as cost_avoidance_usd,
from units_summed as s
left join model as m on m.model = s.model
order by s.unit, s.metered_usd desc, s.model
