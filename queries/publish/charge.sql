-- of descriptions only our own are shown (costs.csv): on an invoice one may name a person
with lines_known as (
    select
        l.line_id, l.document_id, l.invoice_issuer_name, l.invoice_id, l.charge_category, l.charge_period_start,
        l.charge_period_end, l.service_name, l.billed_cost, l.effective_cost, l.list_cost, l.billing_currency,
        l.credit_kind, l.is_amortised, l.provider,
        case when f.kind = 'flat' then l.charge_description end as charge_description,
        case
            when l.charge_category = 'Usage' then 'Usage-Based'
            when l.is_amortised and l.credit_kind is null then 'Recurring'
            else 'One-Time'
        end as charge_frequency
    from build.fact_invoice_line as l
    left join build.fact_invoice as f on f.document_id = l.document_id
),

rows_charged as (
    select
        a.month_start,
        coalesce(u.unit, 'UNKNOWN') as unit,  -- a closed month may be older than the tree
        a.provider, l.invoice_issuer_name, l.invoice_id,
        coalesce(a.charge_category, 'Adjustment') as charge_category, a.charge_class,
        l.charge_description,
        coalesce(l.charge_frequency, 'One-Time') as charge_frequency,
        coalesce(l.charge_period_start, a.origin_month) as charge_period_start,
        coalesce(l.charge_period_end, a.origin_month + interval 1 month) as charge_period_end,
        a.service_name,
        a.net_czk as billed_czk,
        -- credit bought in advance is worth nothing until it is used
        case when a.credit_kind = 'purchase' then 0 else a.net_czk end as effective_czk,
        case when a.charge_class is null and l.list_cost is not null then cast(round(
            cast(
                case  -- as much of it as is booked in the month
                    when b.net = l.billed_cost or l.billed_cost = 0 then l.list_cost
                    else round(cast(l.list_cost as double) * (cast(b.net as double) / cast(l.billed_cost as double)), 6)
                end as decimal(20, 6)
            ) * cast(b.czk_per_unit as decimal(12, 6)), 2
        ) as decimal(18, 2)) * cast(a.share as decimal(18, 12)) end as list_czk,
        a.vat_czk, a.non_deductible_czk, a.rule, a.basis, b.basis as booked_as, a.origin_month,
        coalesce(l.billing_currency, b.currency) as currency
    from build.allocation as a
    left join build.unit as u on u.unit = a.unit
    left join lines_known as l on l.line_id = a.line_id and l.document_id = a.document_id
    left join build.booked_line as b
        on b.line_id = a.line_id and b.document_id = a.document_id and b.month_start = a.origin_month
),

credits_used as (
    select
        cast(date_trunc('month', l.charge_period_start) as date) as month_start, 'UNALLOCATED' as unit, l.provider,
        l.invoice_issuer_name, l.invoice_id, l.charge_category, null as charge_class,
        l.charge_description,
        l.charge_frequency, l.charge_period_start, l.charge_period_end, l.service_name, 0 as billed_czk,
        cast(l.effective_cost as decimal(20, 6)) * cast(r.czk_per_unit as decimal(12, 6)) as effective_czk,
        null as list_czk, 0 as vat_czk, 0 as non_deductible_czk, 'unallocated' as rule,
        'prepaid credit; booked when it was bought' as basis, null as booked_as,
        cast(date_trunc('month', l.charge_period_start) as date) as origin_month,
        l.billing_currency as currency
    from lines_known as l
    join (
        select day, currency, czk_per_unit from build.rate_daily
        union all
        select day, 'CZK', 1 from build.dates
    ) as r on r.currency = l.billing_currency and r.day = cast(l.charge_period_end - interval 1 microsecond as date)
    where l.credit_kind in ('burn_down', 'expiry')
        and not exists (
            select 1 from build.allocation as a where a.line_id = l.line_id and a.document_id = l.document_id
        )
        and not exists (
            select 1 from build.superseded_day as s where s.line_id = l.line_id and s.document_id = l.document_id
        )
),

rows_listed as (
    select
        month_start, unit, provider, invoice_issuer_name, invoice_id, charge_category, charge_class, charge_description,
        charge_frequency, charge_period_start, charge_period_end, service_name, billed_czk, effective_czk, list_czk,
        vat_czk, non_deductible_czk, rule, basis, booked_as, origin_month, currency
    from rows_charged
    union all
    select
        month_start, unit, provider, invoice_issuer_name, invoice_id, charge_category, charge_class, charge_description,
        charge_frequency, charge_period_start, charge_period_end, service_name, billed_czk, effective_czk, list_czk,
        vat_czk, non_deductible_czk, rule, basis, booked_as, origin_month, currency
    from credits_used
)

select
    month_start, unit, provider, invoice_issuer_name, invoice_id, charge_category, charge_class, charge_description,
    charge_frequency,
    min(charge_period_start) as charge_period_start,
    max(charge_period_end) as charge_period_end,
    service_name,
    sum(billed_czk) as billed_czk,
    sum(effective_czk) as effective_czk,
    case when count(list_czk) = count(*) then sum(list_czk) end as list_czk,
    sum(vat_czk) as vat_czk,
    sum(non_deductible_czk) as non_deductible_czk,
    rule, basis, booked_as, origin_month, currency
from rows_listed
group by
    month_start, unit, provider, invoice_issuer_name, invoice_id, charge_category, charge_class, charge_description,
    charge_frequency, service_name, rule, basis, booked_as, origin_month, currency
order by
    month_start, unit, provider, invoice_issuer_name, invoice_id, charge_category, charge_class, charge_description,
    charge_frequency, service_name, rule, basis, booked_as, origin_month, currency
