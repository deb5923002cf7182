select unit, period_start, period_end, amount_czk, note
from build.budget
order by unit, period_start
