-- what several kinds of report say of one day stands side by side; where two say a number, the greater
select
    product,
    day,
    max(bought) as bought,
    max(assigned) as assigned,
    max(active_1d) as active_1d,
    max(active_7d) as active_7d,
    max(active_28d) as active_28d
from build.fact_seat_count
group by product, day
order by product, day
