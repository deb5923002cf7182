select
    a.month_start,
    a.origin_month,
    a.provider,
    a.document_name,
    l.invoice_id,
    a.line_no,
    a.service_name,
    a.model,
    l.charge_category,
    l.billing_currency as currency,
    b.net as line_net,
    b.basis as booked_as,
    coalesce(u.unit, 'UNKNOWN') as unit,  -- a closed month may be older than the tree
    a.net_czk,
    a.vat_czk,
    a.non_deductible_czk,
    a.rule,
    a.basis,
    a.share,
    a.charge_class
from build.allocation as a
left join build.unit as u on u.unit = a.unit
left join build.fact_invoice_line as l on l.line_id = a.line_id and l.document_id = a.document_id
left join build.booked_line as b
    on b.line_id = a.line_id and b.document_id = a.document_id and b.month_start = a.origin_month
order by a.month_start, a.document_name, a.document_id, a.line_no, a.unit, a.rule, a.origin_month
