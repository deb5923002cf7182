-- title: Metered use for a statement
-- about: What each unit used by model, provider and channel, and what the gateway reckoned for it, before tax: beside a
--        statement's charges, never added to them. Models that few people of a unit used are left out.
-- grain: one row per unit, model, provider and channel
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- column: unit varchar [text]  paying unit with everything below it
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: provider varchar [text]  who served the requests
-- column: channel varchar [text]  chat or api
-- column: requests bigint [count]  successful requests
-- column: billed_tokens bigint [tokens]  input + cached + cache write + output
-- column: metered_usd decimal(38,12) [usd]  metered cost; null = unknown
-- column: metered_czk decimal(38,18) [czk]  metered cost at each day's rate; null = unknown
with usage_summed as (
    select
        unit,
        model,
        provider,
        channel,
        cast(sum(case when status = 'success' then requests else 0 end) as bigint) as requests,
        cast(sum(input_tokens + cached_tokens + cache_write_tokens + output_tokens) as bigint) as billed_tokens,
        sum(metered_usd) as metered_usd,
        sum(metered_czk) as metered_czk,
        sum(requests_without_cost) as requests_without_cost,
    from usage_total_daily
    where day >= $start and day < $end and unit in (select unnest($units))
    group by unit, model, provider, channel
)

select
    s.unit,
    s.model,
    coalesce(m.title, s.model) as title,
    s.provider,
    s.channel,
    s.requests,
    s.billed_tokens,
    -- a cost nobody knows is not zero
    case when s.requests_without_cost = 0 or s.metered_usd <> 0 then s.metered_usd end as metered_usd,
    case when s.requests_without_cost = 0 or s.metered_usd <> 0 then s.metered_czk end as metered_czk,
from usage_summed as s
left join model as m on m.model = s.model
where s.requests > 0 or s.metered_usd <> 0
order by s.unit, s.metered_usd desc, s.model, s.provider, s.channel
