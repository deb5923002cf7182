-- Providers of $prepaid are paid by buying credits: what their reports call cost is drawn from these, so it is used
-- (effective cost) and not paid again (billed cost). Run whenever documents are loaded; a provider taken off the list
-- is paid by its reports again. Invoices and lines that say for themselves which credit they are stay as they are: only
-- what was drawn here (is_drawn) is ever paid again.
create or replace temp table drawn_line as
select l.line_id, l.document_id, l.provider in (select unnest(cast($prepaid as varchar[]))) as is_drawn
from fact_invoice_line as l
join fact_invoice as i on i.document_id = l.document_id and i.kind = 'report'
where
    l.charge_category = 'Usage'
    and (
        (
            l.provider in (select unnest(cast($prepaid as varchar[])))
            and l.credit_kind is null
            and l.billed_cost <> 0
            and l.billed_cost = l.effective_cost
        )
        or (
            l.provider not in (select unnest(cast($prepaid as varchar[])))
            and l.is_drawn
        )
    );

update fact_invoice_line as l
set
    billed_cost = case when d.is_drawn then 0 else l.effective_cost end,
    credit_kind = case when d.is_drawn then 'burn_down' end,
    is_drawn = d.is_drawn
from drawn_line as d
where d.line_id = l.line_id and d.document_id = l.document_id;

update fact_invoice_day as p
set billed_cost = case when p.day = cast(l.charge_period_start as date) then l.billed_cost else 0 end
from fact_invoice_line as l
join drawn_line as d on d.line_id = l.line_id and d.document_id = l.document_id
where l.line_id = p.line_id and l.document_id = p.document_id;

drop table drawn_line;
