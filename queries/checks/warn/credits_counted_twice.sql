-- Credits of a provider were bought, and its reports are taken for bills of their own: the same use is paid twice.
-- remedy: name the provider in [invoices] prepaid
select l.provider, min(l.charge_period_start) as first_bought_at, sum(l.billed_cost) as bought
from fact_invoice_line as l
where
    l.credit_kind = 'purchase'
    and exists (
        from fact_invoice_line as u
        join fact_invoice as i on i.document_id = u.document_id and i.kind = 'report'
        where
            u.provider = l.provider
            and u.charge_category = 'Usage'
            and u.billed_cost > 0
            and u.charge_period_start >= l.charge_period_start
    )
group by l.provider
order by l.provider
