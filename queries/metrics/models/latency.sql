-- title: Latency of models
-- about: How long answers took: half of them took at most p50, 95 of a hundred at most p95. Of the university's
--        successful requests through the gateway; answers from its cache are left out. Read from buckets a tenth of an
--        e-fold wide, hence within 5.2 percent. First token: of streamed answers only.
-- grain: one row per model
-- access: all
-- param: start date  first day
-- param: end date  day after the last
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: requests bigint [count]  answers whose duration is known
-- column: p50_s double [s]  from the request's arrival to the end of the answer, half of the answers
-- column: p95_s double [s]  the same, 95 of a hundred
-- column: streamed_requests bigint [count]  answers whose first token is known
-- column: first_token_p50_s double [s]  to the first token, half of the answers; null without streamed ones
-- column: first_token_p95_s double [s]  the same, 95 of a hundred
with buckets_summed as (
    select model, measure, bucket, sum(requests) as requests
    from latency_daily
    where day >= $start and day < $end
    group by model, measure, bucket
),

buckets_ranked as (
    select
        model,
        measure,
        bucket,
        sum(requests) over (partition by model, measure order by bucket) as requests_up_to,
        sum(requests) over (partition by model, measure) as requests_all,
    from buckets_summed
),

percentiles_found as (  -- the middle of the first bucket up to which the share of answers lies
    select
        model,
        measure,
        cast(max(requests_all) as bigint) as requests,
        exp((min(case when requests_up_to * 2 >= requests_all then bucket end) + 0.5) / 10) / 1000 as p50_s,
        exp((min(case when requests_up_to * 100 >= requests_all * 95 then bucket end) + 0.5) / 10) / 1000 as p95_s,
    from buckets_ranked
    group by model, measure
)

select
    d.model,
    coalesce(m.title, d.model) as title,
    d.requests,
    d.p50_s,
    d.p95_s,
    coalesce(f.requests, 0) as streamed_requests,
    f.p50_s as first_token_p50_s,
    f.p95_s as first_token_p95_s,
from percentiles_found as d
left join percentiles_found as f on f.model = d.model and f.measure = 'first_token'
left join model as m on m.model = d.model
where d.measure = 'duration'
order by d.requests desc, d.model
