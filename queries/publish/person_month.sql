select
    cast(date_trunc('month', d.day) as date) as month_start,
    d.person_no,
    d.unit,
    d.role,
    cast(count(case when d.user_requests > 0 then 1 end) as integer) as active_days,
    cast(sum(d.user_requests) as bigint) as user_requests,
    cast(sum(d.billed_tokens) as bigint) as billed_tokens,
    sum(d.metered_usd) as metered_usd,
    sum(d.metered_czk) as metered_czk
from build.person_daily as d
group by 1, d.person_no, d.unit, d.role
order by 1, d.person_no, d.unit, d.role
