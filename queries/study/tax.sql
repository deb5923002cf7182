-- what VAT adds to the net amounts allocated to the unit in the year before the last day of data: all of it, and the
-- part that can't be deducted; null where nothing was allocated
select
    cast(sum(a.vat_czk) as double) / nullif(cast(sum(a.net_czk) as double), 0) as vat_share,
    cast(sum(a.non_deductible_czk) as double) / nullif(cast(sum(a.net_czk) as double), 0) as non_deductible_share,
from allocation as a
join unit_closure as c on c.unit = a.unit
where
    c.ancestor = $unit
    and a.month_start > (select cast(value as date) - 366 from setting where key = 'data_through_day')
