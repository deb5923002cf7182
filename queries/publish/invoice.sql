-- One row per document; one loaded before documents were kept as a whole counts as a report.
with documents_summed as (
    select
        document_id,
        min(document_name) as document_name,
        min(provider) as provider,
        min(invoice_id) as invoice_id,
        min(invoice_issuer_name) as invoice_issuer_name,
        case when count(distinct billing_currency) = 1 then min(billing_currency) end as currency,
        count(*) as lines,
        sum(case when charge_category <> 'Tax' then billed_cost else 0 end) as lines_net,
        sum(case when credit_kind = 'purchase' then billed_cost else 0 end) as purchased,
        -- as in credit: what is taken off the bill, else its worth; what is drawn or lapses is not paid
        sum(case
            when credit_kind in ('burn_down', 'grant') and billed_cost < 0 then -billed_cost
            when credit_kind <> 'burn_down' or credit_kind is null then 0
            when effective_cost = 0 then coalesce(list_cost, 0)
            else effective_cost
        end) as burned_down,
        sum(case when credit_kind = 'expiry' then effective_cost else 0 end) as expired
    from build.fact_invoice_line
    group by document_id
),

bookings_summed as (
    select
        document_id,
        min(month_start) as month_start,
        case when count(distinct czk_per_unit) = 1 then min(czk_per_unit) end as czk_per_unit,
        case when count(distinct rate_day) = 1 then min(rate_day) end as rate_day,
        sum(net_czk) as net_czk,
        sum(vat_czk) as vat_czk
    from build.booked_document
    group by document_id
),

taxes_told as (
    select document_id, bool_or(is_self_assessed) as is_self_assessed
    from build.booked_line
    group by document_id
),

refusals as (
    select document_id, min_by(state, (month_start, state)) as state, min(remedy) as remedy
    from build.not_booked
    group by document_id
)

select
    coalesce(f.document_name, d.document_name) as document_name,
    coalesce(f.kind, 'report') as kind,
    coalesce(f.provider, d.provider) as provider,
    coalesce(f.invoice_id, d.invoice_id) as invoice_id,
    coalesce(f.invoice_issuer_name, d.invoice_issuer_name) as invoice_issuer_name,
    f.issuer_country,
    f.issue_day,
    f.tax_point,
    f.due_day,
    f.corrects_invoice_id,
    coalesce(f.currency, d.currency) as currency,
    f.net_total,
    f.tax_total,
    f.gross_total,
    f.prepaid_total,
    coalesce(d.lines, 0) as lines,
    coalesce(d.lines_net, 0) as lines_net,
    coalesce(d.purchased, 0) as purchased,
    coalesce(d.burned_down, 0) as burned_down,
    coalesce(d.expired, 0) as expired,
    b.month_start,
    b.czk_per_unit,
    b.rate_day,
    coalesce(b.net_czk, 0) as net_czk,
    coalesce(b.vat_czk, 0) as vat_czk,
    t.is_self_assessed,
    case when b.document_id is null or r.remedy is not null then coalesce(r.state, 'later') else 'booked' end as state,
    r.remedy
from build.fact_invoice as f
full join documents_summed as d on d.document_id = f.document_id
left join bookings_summed as b on b.document_id = coalesce(f.document_id, d.document_id)
left join taxes_told as t on t.document_id = coalesce(f.document_id, d.document_id)
left join refusals as r on r.document_id = coalesce(f.document_id, d.document_id)
order by coalesce(f.tax_point, f.issue_day) nulls last, 1, 3
