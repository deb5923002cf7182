-- title: Closings of months
-- about: Every closing of a month: who closed it when, what it held, by which rules and from which inputs; and who opened
--        it again and why.
-- grain: one row per closing
-- access: university
-- param: start date  first day; its whole month counts
-- param: end date  day after the last; its whole month counts
-- column: month_start date [day]  month closed
-- column: closed_at timestamp [instant]  UTC
-- column: closed_by varchar [text]  who closed it: their role and pseudonym, or the name given on the command line
-- column: net_czk decimal(18,2) [czk]  booked before tax at that moment
-- column: vat_czk decimal(18,2) [czk]  tax at that moment
-- column: rule_version varchar [text]  hash of the rules
-- column: inputs_hash varchar [text]  hash of what it was made from
-- column: rows_hash varchar [text]  hash of the rows that must not change
-- column: reopened_at timestamp [instant]  UTC; null: still closed
-- column: reopened_by varchar [text]  who opened it again
-- column: reason varchar [text]  why
select
    month_start,
    closed_at,
    closed_by,
    net_czk,
    vat_czk,
    rule_version,
    inputs_hash,
    rows_hash,
    reopened_at,
    reopened_by,
    reason,
from month_close
where month_start < $end and last_day(month_start) >= $start
order by month_start, closed_at, rows_hash
