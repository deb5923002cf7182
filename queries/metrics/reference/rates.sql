-- title: Exchange rates
-- about: The rate used for each day: the last one published on or before it.
-- grain: one row per day and currency
-- access: all
-- param: start date  first day
-- param: end date  day after the last
-- column: day date [day]  local day
-- column: currency varchar [text]  ISO 4217 code
-- column: czk_per_unit decimal(18,8) [czk]  crowns for one unit of the currency
-- column: published_day date [day]  the day it was published for
-- column: origin varchar [text]  who published it
select
    day,
    currency,
    czk_per_unit,
    published_day,
    origin,
from rate_daily
where day >= $start and day < $end
order by day, currency
