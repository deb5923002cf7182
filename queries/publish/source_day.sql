select source, day, count(*) as rows
from (
    select source, day from build.fact_request
    union all
    select source, day from build.fact_chat_turn
    union all
    select 'invoices', day from build.fact_invoice_day
    union all
    select distinct 'seats', report_day from build.fact_seat  -- its rows are its holders
    union all
    select 'seats', day from build.fact_seat_count
)
group by source, day
order by source, day
