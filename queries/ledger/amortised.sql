-- What of each line that is spread over its days falls on each month.
select
    d.document_id,
    d.line_id,
    cast(date_trunc('month', d.day) as date) as month_start,
    sum(d.effective_cost) as amount
from fact_invoice_day as d
join fact_invoice_line as l on l.line_id = d.line_id and l.document_id = d.document_id
where l.is_amortised
group by d.document_id, d.line_id, cast(date_trunc('month', d.day) as date)
order by d.document_id, d.line_id, month_start
