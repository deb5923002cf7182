select run_no, job, source, status, started_at, finished_at, rows_read, rows_changed, days_changed, message
from build.ops.run
order by run_no desc
limit 500
