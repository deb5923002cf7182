-- More than a tenth of what was booked in an open month stands under nobody.
-- remedy: add owners or shares to allocation.toml, or see invoices/allocation for the reasons
select
    a.month_start,
    a.provider,
    sum(a.net_czk) as net_czk,
    sum(case when a.unit = 'UNALLOCATED' then a.net_czk else 0 end) as unallocated_czk
from allocation as a
where a.month_start not in (select c.month_start from month_close as c where c.reopened_at is null)
group by a.month_start, a.provider
having abs(sum(case when a.unit = 'UNALLOCATED' then a.net_czk else 0 end)) > abs(sum(a.net_czk)) * 0.1
order by 1, 2
