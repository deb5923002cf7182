-- Two documents bill the same provider for the same day and service: most likely an export and the API both loaded.
-- remedy: remove one of the two documents from the invoices folder
select l.provider, d.day, count(distinct l.document_id) as documents, min(l.document_name) as one, max(l.document_name) as other
from fact_invoice_day as d
join fact_invoice_line as l on l.line_id = d.line_id and l.document_id = d.document_id
where l.charge_class is null and l.charge_category = 'Usage'
group by l.provider, d.day, l.charge_description, l.sub_account_id
having count(distinct l.document_id) > 1
order by 1, 2
