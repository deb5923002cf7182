select source, day, count(*) as rows
from (
    select source, day from build.fact_request
    union all
    select source, day from build.fact_chat_turn
    union all
    select 'invoices', day from build.fact_invoice_day
    union all
    select 'seats', report_day from build.fact_seat
    union all
    select 'seats', day from build.fact_seat_count
)
group by source, day
order by source, day
