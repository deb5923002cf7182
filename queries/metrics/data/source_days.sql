-- title: Days held
-- about: How many rows each source gave per day; a day without a row has none.
-- grain: one row per source and day with rows
-- access: all
-- param: start date  first day
-- param: end date  day after the last
-- column: source varchar [text]  its name in the configuration
-- column: day date [day]  local day
-- column: rows bigint [count]  rows of the day
select
    source,
    day,
    rows,
from source_day
where day >= $start and day < $end
order by source, day
