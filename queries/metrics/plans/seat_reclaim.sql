-- title: Whose seats could be taken back
-- about: The holders behind the seats that could be taken back, by the last report of each month, as numbers that mean
--        nothing outside this dashboard. The names stand in the vendor's report alone.
-- grain: one row per month, product and holder
-- access: rse
-- param: start date  a day of the first month
-- param: end date  day after the last month
-- param: units list  units asked for, each with everything below it
-- column: month_start date [day]  first day of the month
-- column: product varchar [text]  code of the plan
-- column: holder_no integer [text]  number of the holder
-- column: unit varchar [text]  the holder's home unit
-- column: reason varchar [text]  left, never_used or idle
-- column: licence_day date [day]  assigned, or first seen in a report
-- column: last_active_day date [day]  null: never
-- column: seats integer [count]  seats held
select
    month_start,
    product,
    holder_no,
    unit,
    reason,
    licence_day,
    last_active_day,
    seats,
from seat_month
where
    month_start >= date_trunc('month', $start)
    and month_start < $end
    and reason is not null
    and unit in (select unit from unit_closure where ancestor in (select unnest($units)))
order by month_start, product, holder_no
