select
    unit,
    role,
    valid_from,
    valid_to,
    persons
from build.population
order by unit, role, valid_from
