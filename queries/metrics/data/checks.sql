-- title: Checks
-- about: What the last run of each check found; one that fails stops the run, one that warns is shown here.
-- grain: one row per check
-- access: all
-- column: name varchar [text]  the check's file
-- column: severity varchar [text]  fail or warn
-- column: checked_at timestamp [instant]  UTC
-- column: offending_rows bigint [count]  0: passed
-- column: example varchar [text]  one offending row
select
    name,
    severity,
    checked_at,
    offending_rows,
    example,
from check_result
order by offending_rows > 0 desc, severity, name, checked_at
