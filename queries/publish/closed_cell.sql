select breakdown, unit, member
from build.closed_cell
order by breakdown, unit, member
