-- title: Active persons by role
-- about: Distinct persons by their role on the day of use; who changed role within the period counts in both.
-- grain: one row per role used
-- access: university
-- param: start date  first day
-- param: end date  day after the last
-- column: role varchar [text]  role by the directory
-- column: active_persons bigint [persons]  active at least once in the period
-- empty: left out
select
    member as role,
    bit_count(bit_or(persons)) as active_persons,
from active_bits
where dimension = 'role' and day >= $start and day < $end
group by member
order by member
