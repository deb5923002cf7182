-- title: Statement of a unit
-- about: What a unit is charged in a month and by which rule, one row per document, service and rule: complete, whatever
--        the size of the unit. invoices/allocation has it line by line and by model. Before tax, tax, and the part of
--        the tax that can't be claimed back.
-- grain: one row per unit, month, document, service, paying unit, rule and kind of row
-- access: faculty
-- param: start date  first day; its whole month counts
-- param: end date  day after the last; its whole month counts
-- param: units list  units asked for
-- column: unit varchar [text]  unit with everything below it
-- column: month_start date [day]  month booked
-- column: origin_month date [day]  month it is about; earlier in corrections
-- column: provider varchar [text]  who charges
-- column: document_name varchar [text]  which document
-- column: invoice_id varchar [text]  its number; null: none, or the document is gone
-- column: service_name varchar [text]  what is charged for
-- column: paying_unit varchar [text]  the unit itself, or the one below it that is charged
-- column: rule varchar [text]  owner, key, seats, metered, use, shares, even or unallocated
-- column: charge_class varchar [text]  Correction, or null
-- column: lines bigint [count]  lines of the document in this row
-- column: net_czk decimal(38,2) [czk]  before tax
-- column: vat_czk decimal(38,2) [czk]  tax, also where it is self-assessed
-- column: non_deductible_czk decimal(38,2) [czk]  of vat_czk, what can't be claimed back
select
    c.ancestor as unit,
    a.month_start,
    a.origin_month,
    a.provider,
    a.document_name,
    a.invoice_id,
    a.service_name,
    a.unit as paying_unit,
    a.rule,
    a.charge_class,
    count(distinct a.line_no) as lines,
    sum(a.net_czk) as net_czk,
    sum(a.vat_czk) as vat_czk,
    sum(a.non_deductible_czk) as non_deductible_czk,
from allocation as a
join unit_closure as c on c.unit = a.unit
where a.month_start < $end and last_day(a.month_start) >= $start and c.ancestor in (select unnest($units))
group by
    c.ancestor, a.month_start, a.origin_month, a.provider, a.document_name, a.invoice_id, a.service_name, a.unit, a.rule,
    a.charge_class
order by
    c.ancestor, a.month_start, a.provider, a.document_name, a.service_name nulls last, a.unit, a.origin_month, a.rule,
    a.charge_class nulls last, a.invoice_id nulls last
