select
    d.day,
    l.document_name,
    l.provider,
    l.service_name,
    l.model,
    l.charge_category,
    l.unit,
    l.billing_currency,
    sum(d.billed_cost) as billed_cost,
    sum(d.effective_cost) as effective_cost,
    case
        when count(r.czk_per_unit) = count(*)
            then sum(cast(d.billed_cost as decimal(24, 12)) * cast(r.czk_per_unit as decimal(12, 6)))
    end as billed_czk,
    case
        when count(r.czk_per_unit) = count(*)
            then sum(cast(d.effective_cost as decimal(24, 12)) * cast(r.czk_per_unit as decimal(12, 6)))
    end as effective_czk
from build.fact_invoice_day as d
join build.fact_invoice_line as l on l.line_id = d.line_id and l.document_id = d.document_id
left join (
    select day, currency, czk_per_unit from build.rate_daily
    union all
    select day, 'CZK', 1 from build.dates
) as r on r.day = d.day and r.currency = l.billing_currency
-- where an invoice stands for a report of the same month (docs/allocation.md), the report would count a second time
where not exists (
    select 1
    from build.not_booked as n
    where n.document_id = d.document_id
        and n.month_start = cast(date_trunc('month', d.day) as date)
        and n.state = 'superseded'
)
group by all
order by d.day, l.provider, l.document_name, l.service_name, l.model, l.charge_category, l.unit, l.billing_currency
