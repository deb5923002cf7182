select
    unit,
    ancestor
from build.unit_closure
order by unit, ancestor
