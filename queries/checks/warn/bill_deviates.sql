-- More of a bill stays unexplained than [invoices] warn_share and warn_czk allow; months with reports alone are left out.
-- remedy: see the Invoices page; load the provider's usage report, name the gateway's projects, or ask the provider
with thresholds_given as (
    select
        coalesce(max(try_cast(value as decimal(18, 6))) filter (where key = 'invoice_warn_share'), 0.02) as warn_share,
        coalesce(max(try_cast(value as decimal(18, 6))) filter (where key = 'invoice_warn_czk'), 500) as warn_czk
    from ops.setting
)

select r.month_start, r.provider, round(r.czk, 2) as unexplained_czk, round(b.czk, 2) as billed_czk
from reconciliation as r
join reconciliation as b on b.month_start = r.month_start and b.provider = r.provider and b.cause = 'billed_net'
join reconciliation as m on m.month_start = r.month_start and m.provider = r.provider and m.cause = 'metered'
cross join thresholds_given as t
where r.cause = 'residual'
    and m.czk <> 0
    and b.czk <> 0
    and not coalesce(b.note like '%provisional%', false)
    and abs(r.czk) > t.warn_czk
    and abs(r.czk) > t.warn_share * abs(b.czk)
order by r.month_start desc, r.provider
