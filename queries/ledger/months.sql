-- Every month of the ledger or of a closing, oldest first.
with rows_summed as (
    select
        month_start,
        sum(net_czk) as net_czk,
        sum(vat_czk) as vat_czk,
        sum(case when unit = 'UNALLOCATED' then net_czk else 0 end) as unallocated_czk
    from allocation
    group by month_start
),

closings as (
    select month_start, min(closed_by) as closed_by
    from month_close
    where reopened_at is null
    group by month_start
)

select
    coalesce(r.month_start, c.month_start) as month_start,
    coalesce(r.net_czk, 0) as net_czk,
    coalesce(r.vat_czk, 0) as vat_czk,
    coalesce(r.unallocated_czk, 0) as unallocated_czk,
    c.month_start is not null as is_closed,
    c.closed_by
from rows_summed as r
full join closings as c on c.month_start = r.month_start
order by 1
