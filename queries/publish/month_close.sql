select
    month_start,
    closed_at,
    closed_by,
    rule_version,
    inputs_hash,
    rows_hash,
    net_czk,
    vat_czk,
    reopened_at,
    reopened_by,
    reason
from build.month_close
order by month_start, closed_at
