-- title: Allocated cost
-- about: What units are charged for from booked invoices, line by line and by model, by which rule and on what basis.
--        Corrections of closed months stand in the month they were found in. Models that few people of a unit used are
--        left out; cost/statement is complete.
-- grain: one row per unit, month, provider, document line, paying unit, rule and kind of row
-- access: faculty
-- param: start date  first day; its whole month counts
-- param: end date  day after the last; its whole month counts
-- param: units list  units asked for
-- column: unit varchar [text]  unit with everything below it
-- column: month_start date [day]  month booked
-- column: origin_month date [day]  month it is about; earlier in corrections
-- column: provider varchar [text]  who charges
-- column: document_name varchar [text]  which document
-- column: invoice_id varchar [text]  its number
-- column: line_no integer [count]  line of the document
-- column: service_name varchar [text]  what is charged for
-- column: model varchar [text]  for which model; null: not stated
-- column: charge_category varchar [text]  Usage, Purchase, Tax, Credit or Adjustment
-- column: paying_unit varchar [text]  the unit itself, or the one below it that is charged
-- column: rule varchar [text]  owner, key, seats, metered, use, shares, even or unallocated
-- column: basis varchar [text]  what the rule went by, in words
-- column: share decimal(38,12) [share]  part of the line
-- column: booked_as varchar [text]  invoice or provisional; null: no longer booked
-- column: charge_class varchar [text]  Correction, or null
-- column: net_czk decimal(38,2) [czk]  before tax
-- column: vat_czk decimal(38,2) [czk]  tax
-- column: non_deductible_czk decimal(38,2) [czk]  of the tax, what can't be claimed back
with rows_reached as (
    select
        c.ancestor as unit,
        a.month_start,
        a.origin_month,
        a.provider,
        a.document_name,
        a.invoice_id,
        a.line_no,
        a.service_name,
        a.model,
        a.charge_category,
        a.unit as paying_unit,
        a.rule,
        a.basis,
        a.share,
        a.booked_as,
        a.charge_class,
        a.net_czk,
        a.vat_czk,
        a.non_deductible_czk,
    from allocation as a
    join unit_closure as c on c.unit = a.unit
    where a.month_start < $end and last_day(a.month_start) >= $start and c.ancestor in (select unnest($units))
)

select
    unit,
    month_start,
    origin_month,
    provider,
    document_name,
    invoice_id,
    line_no,
    service_name,
    model,
    charge_category,
    paying_unit,
    rule,
    basis,
    cast(sum(share) as decimal(38, 12)) as share,
    booked_as,
    charge_class,
    sum(net_czk) as net_czk,
    sum(vat_czk) as vat_czk,
    sum(non_deductible_czk) as non_deductible_czk,
from rows_reached
group by
    unit, month_start, origin_month, provider, document_name, invoice_id, line_no, service_name, model, charge_category,
    paying_unit, rule, basis, booked_as, charge_class
order by
    unit, month_start, provider, document_name, line_no, paying_unit, origin_month, rule, basis, charge_class nulls last,
    invoice_id, service_name, model, charge_category, booked_as
