-- One row of what took the place of $old_id; run before the old document's rows are dropped.
insert into document_trace
select
    $now,
    $source,
    $reason,
    coalesce($provider, i.provider),
    coalesce($invoice_id, i.invoice_id),
    o.document_id,
    o.name,
    o.lines,
    coalesce(i.net_total, l.net_total),
    $new_id,
    $new_name,
    $new_lines,
    $new_net_total
from ops.document as o
left join fact_invoice as i on i.document_id = o.document_id
left join (
    select document_id, case when count(distinct billing_currency) = 1 then sum(billed_cost) end as net_total
    from fact_invoice_line
    group by document_id
) as l on l.document_id = o.document_id
where o.document_id = $old_id and o.error is null;
