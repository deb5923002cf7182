select
    month_start,
    product,
    report_day,
    holder_no,
    person_no,
    unit,
    seats,
    status,
    licence_day,
    last_active_day,
    is_activity_known,
    is_activated,
    is_active,
    is_young,
    is_at_limit,
    reason,
    uses,
    credits_used
from build.seat_month
order by month_start, product, holder_no
