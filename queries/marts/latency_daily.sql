-- latency_daily: one row per day, model, channel, measure and bucket. Buckets are a tenth of an e-fold wide: from
-- exp(b / 10) to exp((b + 1) / 10) milliseconds, so that their middle is at most 5.2 % off whatever lies in them. No
-- whole number of milliseconds but 1 lies on a bound, hence engines can't differ by a rounding of the logarithm.
with answers_timed as (
    select u.day, u.model, u.channel, 'duration' as measure, u.duration_ms as ms
    from use as u
    where u.duration_ms is not null
    union all
    select u.day, u.model, u.channel, 'first_token' as measure, u.first_token_ms as ms
    from use as u
    where u.first_token_ms is not null
),

answers_bucketed as (
    select
        t.day,
        t.model,
        t.channel,
        t.measure,
        cast(case when t.ms < 1 then 0 else floor(ln(cast(t.ms as double)) * 10) end as integer) as bucket
    from answers_timed as t
)

select
    b.day,
    b.model,
    b.channel,
    b.measure,
    b.bucket,
    count(*) as requests
from answers_bucketed as b
group by b.day, b.model, b.channel, b.measure, b.bucket
order by b.day, b.model, b.channel, b.measure, b.bucket
