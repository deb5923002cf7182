-- A model name that no row of models.csv maps: it is counted under its own name, without family or hosting.
-- remedy: add the name to models.csv
select m.name
from model as m
where not m.is_mapped
order by m.name
