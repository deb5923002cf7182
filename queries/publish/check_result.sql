select name, severity, checked_at, offending_rows, example
from build.ops.check_result
order by severity, name
