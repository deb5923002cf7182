with attempts as (
    select
        source,
        max(case when status = 'DONE' then finished_at end) as last_success_at,
        max(started_at) as last_attempt_at,
        max_by(status, run_no) as last_status,
        nullif(max_by(coalesce(message, ''), run_no), '') as message  -- max_by passes over nulls
    from build.ops.run
    group by source
),

held as (
    select source, count(*) as rows, min(day) as first_day, max(day) as last_day
    from (
        select source, day from build.fact_request
        union all
        select source, day from build.fact_chat_turn
        union all
        select 'invoices', day from build.fact_invoice_day
        union all
        select 'fx', day from build.fx_rate
        union all
        select distinct 'seats', report_day from build.fact_seat  -- its rows are its holders
        union all
        select 'seats', day from build.fact_seat_count
    )
    group by source
)

select
    s.source,
    s.kind,
    a.last_success_at,
    a.last_attempt_at,
    a.last_status,
    a.message,
    coalesce(h.rows, 0) as rows,
    h.first_day,
    h.last_day
from build.ops.source as s
left join attempts as a on a.source = s.source
left join held as h on h.source = s.source
order by s.kind, s.source
