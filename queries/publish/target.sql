select unit, metric, day, value
from build.target
order by unit, metric, day
