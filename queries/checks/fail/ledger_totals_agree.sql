-- All documents booked and the whole ledger by unit are the same money.
-- remedy: a bug in the ledger; nothing was published
with documents_summed as (
    select coalesce(sum(net_czk), 0) as net_czk, coalesce(sum(vat_czk), 0) as vat_czk
    from booked_document
),

ledger_summed as (
    select coalesce(sum(net_czk), 0) as net_czk, coalesce(sum(vat_czk), 0) as vat_czk
    from allocation
)

select d.net_czk, l.net_czk as ledger_net_czk, d.vat_czk, l.vat_czk as ledger_vat_czk
from documents_summed as d
cross join ledger_summed as l
where d.net_czk <> l.net_czk or d.vat_czk <> l.vat_czk
order by 1
