-- landing_seat_count -> fact_seat_count. A newer report of a kind replaces the product's day.
delete from fact_seat_count
where kind = $kind and (product, day) in (select (product, day) from landing_seat_count);

insert into fact_seat_count by name
select
    $document_id as document_id,
    $kind as kind,
    product,
    day,
    bought,
    assigned,
    active_1d,
    active_7d,
    active_28d
from landing_seat_count
order by product, day;
