-- title: Months of the ledger
-- about: What is booked in each month, what of it no unit owns, what corrects earlier months, and whether the month is
--        closed: rows of a closed month never change, what comes later is a correction in an open one.
-- grain: one row per month
-- access: university
-- param: start date  first day; its whole month counts
-- param: end date  day after the last; its whole month counts
-- column: month_start date [day]  month booked
-- column: net_czk decimal(38,2) [czk]  allocated before tax, corrections included
-- column: vat_czk decimal(38,2) [czk]  tax
-- column: non_deductible_czk decimal(38,2) [czk]  of the tax, what can't be claimed back
-- column: unallocated_czk decimal(38,2) [czk]  of net_czk, what no rule could place
-- column: corrections_czk decimal(38,2) [czk]  of net_czk, what came to light after an earlier month was closed
-- column: provisional_czk decimal(38,2) [czk]  of net_czk, by reports for which no invoice has come
-- column: is_closed boolean [text]  closed and not open again
-- column: closed_at timestamp [instant]  UTC; null: never closed
-- column: closed_by varchar [text]  who closed it: their role and pseudonym, or the name given on the command line
-- column: closed_net_czk decimal(18,2) [czk]  net_czk as it was when the month was last closed
-- column: reopened_at timestamp [instant]  UTC; null: not opened again
-- column: reason varchar [text]  why it was opened again
with months_summed as (
    select
        month_start,
        sum(net_czk) as net_czk,
        sum(vat_czk) as vat_czk,
        sum(non_deductible_czk) as non_deductible_czk,
        sum(case when unit = 'UNALLOCATED' then net_czk else 0 end) as unallocated_czk,
        sum(case when charge_class = 'Correction' then net_czk else 0 end) as corrections_czk,
        sum(case when booked_as = 'provisional' then net_czk else 0 end) as provisional_czk,
    from allocation
    where month_start < $end and last_day(month_start) >= $start
    group by month_start
),

closings_chosen as (
    select
        month_start,
        closed_at,
        closed_by,
        net_czk,
        reopened_at,
        reason,
    from month_close
    where month_start < $end and last_day(month_start) >= $start
    qualify row_number() over (partition by month_start order by closed_at desc) = 1
)

select
    coalesce(s.month_start, c.month_start) as month_start,
    coalesce(s.net_czk, 0) as net_czk,
    coalesce(s.vat_czk, 0) as vat_czk,
    coalesce(s.non_deductible_czk, 0) as non_deductible_czk,
    coalesce(s.unallocated_czk, 0) as unallocated_czk,
    coalesce(s.corrections_czk, 0) as corrections_czk,
    coalesce(s.provisional_czk, 0) as provisional_czk,
    c.closed_at is not null and c.reopened_at is null as is_closed,
    c.closed_at,
    c.closed_by,
    c.net_czk as closed_net_czk,
    c.reopened_at,
    c.reason,
from months_summed as s
full join closings_chosen as c on c.month_start = s.month_start
order by coalesce(s.month_start, c.month_start)
