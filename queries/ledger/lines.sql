-- Every line of every document, with what its document says as a whole; a document without a row of its own is a report.
-- A document's own VAT total counts only where it is in one currency. One that settles an advance may state the VAT of the
-- rest alone: there the lines' own VAT counts if they have any, and no total that is not what gross and net differ by.
with currencies_counted as (
    select
        document_id,
        count(distinct billing_currency) as currencies,
        bool_or(tax_rate is not null or tax_cost is not null or charge_category = 'Tax') as has_vat
    from fact_invoice_line
    group by document_id
)

select
    l.line_id,
    l.document_id,
    coalesce(f.kind, 'report') as kind,
    l.provider,
    l.charge_category,
    l.billing_currency,
    l.billed_cost,
    cast(l.charge_period_start as date) as first_day,
    greatest(
        cast(l.charge_period_end - interval 1 microsecond as date), cast(l.charge_period_start as date)
    ) as last_day,
    l.is_amortised,
    coalesce(f.tax_point, f.issue_day) as tax_point,
    l.tax_rate,
    l.tax_cost,
    case
        when c.currencies > 1 then null
        when coalesce(f.prepaid_total, 0) <> 0 and (c.has_vat or f.net_total + f.tax_total <> f.gross_total) then null
        else f.tax_total
    end as tax_total,
    f.issuer_country,
    l.credit_kind,
    f.corrects_invoice_id is not null or coalesce(l.charge_class = 'Correction', false) as is_correction,
    nullif(upper(l.unit), 'UNALLOCATED') as unit,
    l.model,
    l.sub_account_id as project,
    l.service_name as service,
    l.sku_id as sku
from fact_invoice_line as l
join currencies_counted as c on c.document_id = l.document_id
left join fact_invoice as f on f.document_id = l.document_id
order by l.document_id, l.line_id
