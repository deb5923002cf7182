-- title: Invoiced against metered
-- about: What providers charged for the days of the period, without VAT, beside what the gateway metered for the same
--        provider. Providers count days of their own (mostly UTC), so the two differ a little at the edges.
-- grain: one row per provider and billing currency
-- access: university
-- param: start date  first day
-- param: end date  day after the last
-- column: provider varchar [text]  who sent the invoice
-- column: billing_currency varchar [text]  currency of the invoice
-- column: billed_cost decimal(38,12) [count]  charged, in the billing currency
-- column: billed_czk decimal(38,18) [czk]  charged, at the rate of each day; null where a day has no rate
-- column: effective_czk decimal(38,18) [czk]  spread over the days paid for; null where a day has no rate
-- column: unallocated_czk decimal(38,18) [czk]  of effective_czk, what no unit owns; null where a day has no rate
-- column: metered_czk decimal(38,18) [czk]  metered for this provider (the same in each of its currencies)
with usage_summed as (
    select provider, sum(metered_czk) as metered_czk
    from usage_total_daily
    where day >= $start and day < $end and unit = (select value from setting where key = 'root_unit')
    group by provider
),

invoices_summed as (
    select
        provider,
        billing_currency,
        sum(billed_cost) as billed_cost,
        case when count(billed_czk) = count(*) then sum(billed_czk) end as billed_czk,
        case when count(effective_czk) = count(*) then sum(effective_czk) end as effective_czk,
        case
            when count(effective_czk) = count(*)
                then sum(case when unit = 'UNALLOCATED' then effective_czk else 0 end)
        end as unallocated_czk,
    from invoice_day
    where day >= $start and day < $end
    group by provider, billing_currency
)

select
    i.provider,
    i.billing_currency,
    i.billed_cost,
    i.billed_czk,
    i.effective_czk,
    i.unallocated_czk,
    coalesce(s.metered_czk, 0) as metered_czk,
from invoices_summed as i
left join usage_summed as s on s.provider = i.provider
order by i.provider, i.billing_currency
