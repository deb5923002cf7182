-- An invoice that waits (its day, a rate or a rule is not there yet) counts beside no report: that one counts until then.
with days_reported as (
    select distinct l.provider, d.day
    from build.fact_invoice_day as d
    join build.fact_invoice_line as l on l.line_id = d.line_id and l.document_id = d.document_id
    left join build.fact_invoice as f on f.document_id = l.document_id
    where coalesce(f.kind, 'report') = 'report' and l.charge_category = 'Usage' and l.credit_kind is null
        and not exists (
            select 1
            from build.superseded_day as s
            where s.line_id = d.line_id and s.document_id = d.document_id and s.day = d.day
        )
),

documents_waiting as (
    select distinct n.document_id
    from build.not_booked as n
    join build.fact_invoice as f on f.document_id = n.document_id and f.kind = 'invoice'
    where n.state in ('later', 'no_rate', 'no_rule')
        and not exists (select 1 from build.booked_document as b where b.document_id = n.document_id)
)

select
    d.day,
    l.document_name,
    l.provider,
    l.service_name,
    l.model,
    l.charge_category,
    l.unit,
    l.billing_currency,
    sum(case when p.line_id is null then d.billed_cost else d.effective_cost end) as billed_cost,
    sum(d.effective_cost) as effective_cost,
    case
        when count(r.czk_per_unit) = count(*)
            then sum(
                cast(case when p.line_id is null then d.billed_cost else d.effective_cost end as decimal(24, 12))
                * cast(r.czk_per_unit as decimal(12, 6))
            )
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
-- a report's line that counts on a part of its days is paid day by day
left join days_reported as e on e.provider = l.provider and e.day = d.day
left join documents_waiting as w on w.document_id = d.document_id
left join (select distinct line_id, document_id from build.superseded_day) as p
    on p.line_id = d.line_id and p.document_id = d.document_id
where l.charge_category <> 'Tax'  -- VAT is no cost
    and (w.document_id is null or e.day is null or l.charge_category <> 'Usage' or l.credit_kind is not null)
    -- where an invoice stands for a report's day (docs/allocation.md), the report would count a second time
    and not exists (
        select 1
        from build.superseded_day as s
        where s.line_id = d.line_id and s.document_id = d.document_id and s.day = d.day
    )
group by all
order by d.day, l.provider, l.document_name, l.service_name, l.model, l.charge_category, l.unit, l.billing_currency
