-- title: Cost by provider
-- about: Metered cost (before tax) by the provider that served the requests, and what that provider's invoices say.
-- grain: one row per unit and provider with usage or an invoice
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all; invoices are of no channel
-- column: unit varchar [text]  paying unit with everything below it
-- column: provider varchar [text]  who served the requests or sent the invoice
-- column: metered_usd decimal(38,12) [usd]  metered cost; null = unknown
-- column: metered_czk decimal(38,18) [czk]  metered cost at each day's rate; null = unknown
-- column: effective_czk decimal(38,18) [czk]  invoices spread over the days they pay for; null without an invoice line
--         or where an amount has no rate
with usage_summed as (
    select
        unit,
        provider,
        sum(metered_usd) as metered_usd,
        sum(metered_czk) as metered_czk,
        sum(requests_without_cost) as requests_without_cost,
    from usage_total_daily
    where
        day >= $start
        and day < $end
        and unit in (select unnest($units))
        and ($channel = 'all' or channel = $channel)
    group by unit, provider
),

invoices_summed as (
    select
        c.ancestor as unit,
        i.provider,
        case when count(i.effective_czk) = count(*) then sum(i.effective_czk) end as effective_czk,
    from invoice_day as i
    join unit_closure as c on c.unit = i.unit
    where i.day >= $start and i.day < $end and c.ancestor in (select unnest($units)) and $channel = 'all'
    group by c.ancestor, i.provider
)

select
    coalesce(s.unit, i.unit) as unit,
    coalesce(s.provider, i.provider) as provider,
    -- a cost nobody knows is not zero; a provider of invoices alone has none
    case when s.unit is null then 0 when s.requests_without_cost = 0 or s.metered_usd <> 0 then s.metered_usd end
        as metered_usd,
    case when s.unit is null then 0 when s.requests_without_cost = 0 or s.metered_usd <> 0 then s.metered_czk end
        as metered_czk,
    i.effective_czk,
from usage_summed as s
full join invoices_summed as i on i.unit = s.unit and i.provider = s.provider
order by coalesce(s.unit, i.unit), coalesce(s.metered_czk, 0) desc, coalesce(s.provider, i.provider)
