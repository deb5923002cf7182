-- Two sources hold the same requests or answers of the last day that both have: one was renamed in the configuration and
-- loaded again, or one system is configured twice. Its use and cost are counted twice.
-- remedy: put the old name back into config.toml and take the build from a backup, or leave the second one out
with days_shared as (
    select a.source as one, b.source as other, max(a.day) as day
    from coverage_daily as a
    join coverage_daily as b on b.day = a.day and b.source > a.source
    group by a.source, b.source
),

rows_shared as (
    select d.one, d.other, d.day, count(*) as rows
    from days_shared as d
    join fact_request as a on a.source = d.one and a.day = d.day
    join fact_request as b on b.source = d.other and b.day = d.day and b.request_key = a.request_key
    group by d.one, d.other, d.day
    union all
    select d.one, d.other, d.day, count(*) as rows
    from days_shared as d
    join fact_chat_turn as a on a.source = d.one and a.day = d.day
    join fact_chat_turn as b on b.source = d.other and b.day = d.day and b.turn_key = a.turn_key
    group by d.one, d.other, d.day
)

select one, other, day, rows
from rows_shared
where rows > 1
order by one, other, day
