select month_start, provider, position, cause, usd, czk, note
from build.reconciliation
order by month_start, provider, position
