-- title: Targets
-- about: What units mean to reach by a day, as stated in targets.csv.
-- grain: one row per unit, metric and day
-- access: faculty
-- param: units list  units asked for
-- column: unit varchar [text]  unit with everything below it
-- column: metric varchar [text]  mau (persons) or adoption_rate (a share)
-- column: day date [day]  by when
-- column: value decimal(18,6) [count]  number of persons, or a share from 0 to 1
select
    unit,
    metric,
    day,
    value,
from target
where unit in (select unnest($units))
order by unit, metric, day
