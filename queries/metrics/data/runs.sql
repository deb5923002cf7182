-- title: Runs
-- about: The last runs of the jobs, newest first.
-- grain: one row per run
-- access: rse
-- column: run_no bigint [count]  number of the run
-- column: job varchar [text]  what ran
-- column: source varchar [text]  for which source
-- column: status varchar [text]  STARTED, DONE or FAILED
-- column: started_at timestamp [instant]  UTC
-- column: finished_at timestamp [instant]  UTC; null: still running, or killed
-- column: rows_read bigint [count]  rows the source gave
-- column: days_changed bigint [count]  days whose figures were computed again
-- column: message varchar [text]  why it failed
select
    run_no,
    job,
    source,
    status,
    started_at,
    finished_at,
    rows_read,
    days_changed,
    message,
from run
order by run_no desc
