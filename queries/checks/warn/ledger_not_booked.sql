-- A document that is not booked though it should be: a rate or a rule is missing.
-- remedy: do what the row says; the month can't be closed before
select n.month_start, min(l.document_name) as document_name, n.state, n.remedy
from not_booked as n
left join fact_invoice_line as l on l.document_id = n.document_id
where n.remedy is not null
group by n.month_start, n.document_id, n.state, n.remedy
order by 1, 2
