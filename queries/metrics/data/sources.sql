-- title: Sources
-- about: Every configured source: when it last succeeded, what its last attempt said, what is held of it.
-- grain: one row per source
-- access: all
-- column: source varchar [text]  its name in the configuration
-- column: kind varchar [text]  gateway, chat, invoices, directory or fx
-- column: last_success_at timestamp [instant]  UTC; null: never
-- column: last_attempt_at timestamp [instant]  UTC; null: never
-- column: last_status varchar [text]  DONE, FAILED or STARTED
-- column: message varchar [text]  what the last attempt said
-- column: rows bigint [count]  rows held
-- column: first_day date [day]  first day held
-- column: last_day date [day]  last day held
select
    source,
    kind,
    last_success_at,
    last_attempt_at,
    last_status,
    message,
    rows,
    first_day,
    last_day,
from source_status
order by source
