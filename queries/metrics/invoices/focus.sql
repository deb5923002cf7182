-- title: Charges as FOCUS wants them
-- about: Billed, effective and allocated cost in CZK, by document, service, unit and rule, in the columns of FOCUS 1.0
--        (docs/focus.md); billed cost adds up to what is booked, to the haléř. Use of prepaid credit has an effective
--        cost and no billed one.
-- grain: one row per month, unit, document, service, rule and kind of charge
-- access: faculty
-- param: start date  first day; its whole month counts
-- param: end date  day after the last; its whole month counts
-- param: units list  units asked for; what is below them is included
-- column: row_no integer [count]  from 1
-- column: month_start date [day]  month booked
-- column: unit varchar [text]  who is charged; UNALLOCATED: what no rule could place
-- column: provider varchar [text]  who charges
-- column: invoice_issuer_name varchar [text]  who issued the document
-- column: invoice_id varchar [text]  number of the invoice
-- column: charge_category varchar [text]  Usage, Purchase, Tax, Credit or Adjustment
-- column: charge_class varchar [text]  Correction, or null
-- column: charge_description varchar [text]  of flat costs, as in costs.csv
-- column: charge_frequency varchar [text]  One-Time, Recurring or Usage-Based
-- column: charge_period_start timestamp [instant]  UTC
-- column: charge_period_end timestamp [instant]  UTC, exclusive
-- column: service_name varchar [text]  what is charged for
-- column: billed_czk decimal(18,2) [czk]  allocated before tax
-- column: effective_czk decimal(38,12) [czk]  what was used of it
-- column: list_czk decimal(38,12) [czk]  at list price; null: unknown
-- column: vat_czk decimal(18,2) [czk]  tax
-- column: non_deductible_czk decimal(18,2) [czk]  of the tax, what can't be claimed back
-- column: rule varchar [text]  by which the unit was found
-- column: basis varchar [text]  what the rule went by, in words
-- column: booked_as varchar [text]  invoice or provisional
-- column: origin_month date [day]  month it is about; earlier in corrections
-- column: currency varchar [text]  of the document
with charges_reached as (
    select
        c.month_start,
        c.unit,
        c.provider,
        c.invoice_issuer_name,
        c.invoice_id,
        c.charge_category,
        c.charge_class,
        c.charge_description,
        c.charge_frequency,
        c.charge_period_start,
        c.charge_period_end,
        c.service_name,
        c.billed_czk,
        c.effective_czk,
        c.list_czk,
        c.vat_czk,
        c.non_deductible_czk,
        c.rule,
        c.basis,
        c.booked_as,
        c.origin_month,
        c.currency,
    from charge as c
    where c.month_start < $end
        and last_day(c.month_start) >= $start
        and exists (
            select 1 from unit_closure as u where u.unit = c.unit and u.ancestor in (select unnest($units))
        )
)

select
    cast(
        row_number() over (
            order by
                month_start, provider, unit, invoice_id, service_name, charge_category, charge_description, rule, basis,
                origin_month, charge_class, charge_frequency, booked_as, currency, invoice_issuer_name, billed_czk
        ) as integer
    ) as row_no,
    month_start,
    unit,
    provider,
    invoice_issuer_name,
    invoice_id,
    charge_category,
    charge_class,
    charge_description,
    charge_frequency,
    charge_period_start,
    charge_period_end,
    service_name,
    billed_czk,
    effective_czk,
    list_czk,
    vat_czk,
    non_deductible_czk,
    rule,
    basis,
    booked_as,
    origin_month,
    currency,
from charges_reached
order by row_no
