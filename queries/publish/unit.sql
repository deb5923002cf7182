select
    unit,
    parent_unit,
    level,
    name_cs,
    name_en,
    cost_centre
from build.unit
order by unit
