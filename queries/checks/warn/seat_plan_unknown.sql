-- Seats of a product that is no plan: what they cost is not known.
-- remedy: add the product to plans.csv in the directory folder, or name the right plan in [[seats.products]]
with products_seen as (
    select product, max(report_day) as last_day
    from fact_seat
    group by product
    union all
    select product, max(day)
    from fact_seat_count
    group by product
)

select s.product, max(s.last_day) as last_day
from products_seen as s
where not exists (select 1 from plan as p where p.plan = s.product)
group by s.product
order by s.product
