-- title: Allocated cost by unit and month
-- about: What is booked on each unit in each month: before tax, with tax, and with only that part of the tax that can't be
--        claimed back. The root's rows hold everything, UNALLOCATED included; corrections of closed months stand in the
--        month they were found in.
-- grain: one row per month and unit with anything booked
-- access: faculty
-- param: start date  first day; its whole month counts
-- param: end date  day after the last; its whole month counts
-- param: units list  units asked for
-- column: month_start date [day]  month booked
-- column: unit varchar [text]  unit with everything below it
-- column: net_czk decimal(38,2) [czk]  before tax
-- column: vat_czk decimal(38,2) [czk]  tax, also where it is self-assessed
-- column: gross_czk decimal(38,2) [czk]  net_czk + vat_czk
-- column: non_deductible_czk decimal(38,2) [czk]  of vat_czk, what can't be claimed back
-- column: cost_czk decimal(38,2) [czk]  net_czk + non_deductible_czk: what it costs in the end
-- column: correction_czk decimal(38,2) [czk]  of net_czk, what corrects closed months
-- column: is_closed boolean [text]  these figures never change again
select
    a.month_start,
    c.ancestor as unit,
    sum(a.net_czk) as net_czk,
    sum(a.vat_czk) as vat_czk,
    cast(sum(a.net_czk) + sum(a.vat_czk) as decimal(38, 2)) as gross_czk,
    sum(a.non_deductible_czk) as non_deductible_czk,
    cast(sum(a.net_czk) + sum(a.non_deductible_czk) as decimal(38, 2)) as cost_czk,
    sum(case when a.charge_class = 'Correction' then a.net_czk else 0 end) as correction_czk,
    a.month_start in (select m.month_start from month_close as m where m.reopened_at is null) as is_closed,
from allocation as a
join unit_closure as c on c.unit = a.unit
where a.month_start < $end and last_day(a.month_start) >= $start and c.ancestor in (select unnest($units))
group by a.month_start, c.ancestor
order by a.month_start, c.ancestor
