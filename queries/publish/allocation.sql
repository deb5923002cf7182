with lines_numbered as (
    select
        document_id,
        line_id,
        cast(row_number() over (partition by document_id order by charge_period_start, line_id) as integer) as line_no
    from build.fact_invoice_line
)

select
    a.month_start,
    a.origin_month,
    coalesce(l.provider, 'unknown') as provider,
    coalesce(l.document_name, 'unknown') as document_name,
    l.invoice_id,
    coalesce(n.line_no, 0) as line_no,
    l.service_name,
    l.model,
    l.charge_category,
    l.billing_currency as currency,
    b.net as line_net,
    b.basis as booked_as,
    a.unit,
    a.net_czk,
    a.vat_czk,
    a.non_deductible_czk,
    a.rule,
    a.basis,
    a.share,
    a.charge_class
from build.allocation as a
left join build.fact_invoice_line as l on l.line_id = a.line_id and l.document_id = a.document_id
left join lines_numbered as n on n.line_id = a.line_id and n.document_id = a.document_id
left join build.booked_line as b
    on b.line_id = a.line_id and b.document_id = a.document_id and b.month_start = a.origin_month
order by a.month_start, a.document_id, n.line_no, a.unit, a.rule, a.origin_month
