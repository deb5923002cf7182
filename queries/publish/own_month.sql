select
    d.person_no,
    cast(date_trunc('month', d.day) as date) as month_start,
    d.model,
    cast(sum(case when d.status = 'success' then d.requests else 0 end) as bigint) as requests,
    cast(sum(d.user_requests) as bigint) as user_requests,
    cast(sum(d.input_tokens) as bigint) as input_tokens,
    cast(sum(d.cached_tokens) as bigint) as cached_tokens,
    cast(sum(d.cache_write_tokens) as bigint) as cache_write_tokens,
    cast(sum(d.output_tokens) as bigint) as output_tokens,
    sum(d.metered_usd) as metered_usd,
    sum(d.metered_czk) as metered_czk,
    cast(sum(d.requests_without_cost) as bigint) as requests_without_cost
from build.usage_daily as d
join build.sign_in as s on s.person_no = d.person_no
group by d.person_no, 2, d.model
order by d.person_no, 2, d.model
