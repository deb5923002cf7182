select
    r.run_no,
    r.job,
    r.source,
    r.status,
    r.started_at,
    r.finished_at,
    case when s.kind is distinct from 'seats' then r.rows_read end as rows_read,
    case when s.kind is distinct from 'seats' then r.rows_changed end as rows_changed,
    r.days_changed,
    r.message
from build.ops.run as r
left join build.ops.source as s on s.source = r.source
order by r.run_no desc
limit 500
