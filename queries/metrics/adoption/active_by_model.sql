-- title: Active persons by model
-- about: Distinct persons who used a model at least once between two days; a person who used two counts in both.
-- grain: one row per model used
-- access: university
-- param: start date  first day
-- param: end date  day after the last
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: active_persons bigint [persons]  used it at least once
-- empty: left out
with persons_united as (
    select member as model, bit_count(bit_or(persons)) as active_persons
    from active_bits
    where dimension = 'model' and day >= $start and day < $end
    group by member
)

select
    p.model,
    coalesce(m.title, p.model) as title,
    p.active_persons,
from persons_united as p
left join model as m on m.model = p.model
order by p.model
