-- An invoice bills clearly less, or more, than the provider's own reports say of the same days: it may bill a part of the
-- use alone (then the rest is in no cost), or for other days than its lines say (then some is in the cost twice).
-- remedy: compare the invoice with the provider's report; give its lines their periods and the category of what they bill
with reports_summed as (
    select
        l.provider, l.billing_currency as currency, cast(date_trunc('month', s.day) as date) as month_start,
        sum(d.effective_cost) as cost
    from superseded_day as s
    join fact_invoice_day as d on d.line_id = s.line_id and d.document_id = s.document_id and d.day = s.day
    join fact_invoice_line as l on l.line_id = s.line_id and l.document_id = s.document_id
    where l.charge_category <> 'Tax'
    group by all
),

invoices_summed as (
    select
        l.provider, l.billing_currency as currency, cast(date_trunc('month', d.day) as date) as month_start,
        min(l.document_name) as document_name, sum(d.effective_cost) as cost
    from fact_invoice_day as d
    join fact_invoice_line as l on l.line_id = d.line_id and l.document_id = d.document_id
    join fact_invoice as f on f.document_id = l.document_id and f.kind in ('invoice', 'credit_note')
    where l.charge_category in ('Usage', 'Credit', 'Adjustment')
        and not l.is_amortised
        and exists (select 1 from booked_document as b where b.document_id = l.document_id)
    group by all
),

-- a month is compared as a whole: what reports say of it beside what they were replaced in
both_known as (
    select
        r.month_start, r.provider, i.document_name, r.currency, round(i.cost, 2) as invoiced, round(r.cost, 2) as reported
    from reports_summed as r
    join invoices_summed as i
        on i.provider = r.provider and i.currency = r.currency and i.month_start = r.month_start
)

select month_start, provider, document_name, currency, invoiced, reported
from both_known
where cast(invoiced as double) < 0.9 * cast(reported as double) or cast(invoiced as double) > 1.5 * cast(reported as double)
order by month_start desc, provider
