-- title: Active persons by channel
-- about: Distinct persons by the way they came, the chat or a key of their own; who used both counts in both.
-- grain: one row per channel used
-- access: university
-- param: start date  first day
-- param: end date  day after the last
-- column: channel varchar [text]  chat or api
-- column: active_persons bigint [persons]  active at least once in the period
-- empty: left out
select
    member as channel,
    bit_count(bit_or(persons)) as active_persons,
from active_bits
where dimension = 'channel' and day >= $start and day < $end
group by member
order by member
