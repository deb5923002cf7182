-- The days of an invoice line add up to the line, to the last digit.
-- remedy: a bug in the spreading of costs; nothing of this load was kept
select l.line_id, l.billed_cost, sum(d.billed_cost) as days_billed
from fact_invoice_line as l
left join fact_invoice_day as d on d.line_id = l.line_id and d.document_id = l.document_id
group by l.document_id, l.line_id, l.billed_cost, l.effective_cost
having l.billed_cost is distinct from sum(d.billed_cost) or l.effective_cost is distinct from sum(d.effective_cost)
order by 1
