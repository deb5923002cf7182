-- title: Annotations
-- about: Trainings, launches, outages and other things that happened and explain a curve.
-- grain: one row per day, kind and name
-- access: all
-- param: start date  first day
-- param: end date  day after the last
-- column: day date [day]  local day
-- column: kind varchar [text]  training, launch, outage or other
-- column: name_cs varchar [text]  name in Czech
-- column: name_en varchar [text]  name in English
select
    day,
    kind,
    name_cs,
    name_en,
from annotation
where day >= $start and day < $end
order by day, kind, name_cs, name_en
