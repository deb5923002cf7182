-- title: Satisfaction by model
-- about: Share of thumbs up among the rated answers of each model; few ratings say little, so their number stands beside.
-- grain: one row per unit and model rated
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- column: unit varchar [text]  home unit of the raters with everything below it
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: ratings bigint [count]  answers rated, up or down
-- column: ratings_up bigint [count]  of these, thumbs up
-- column: satisfaction double [share]  ratings_up / ratings
with ratings_summed as (
    select
        c.ancestor as unit,
        r.model,
        cast(sum(r.ratings_up + r.ratings_down) as bigint) as ratings,
        cast(sum(r.ratings_up) as bigint) as ratings_up,
    from rating_daily as r
    join unit_closure as c on c.unit = r.unit
    where r.day >= $start and r.day < $end and c.ancestor in (select unnest($units))
    group by c.ancestor, r.model
)

select
    r.unit,
    r.model,
    coalesce(m.title, r.model) as title,
    r.ratings,
    r.ratings_up,
    cast(r.ratings_up as double) / nullif(r.ratings, 0) as satisfaction,
from ratings_summed as r
left join model as m on m.model = r.model
order by r.unit, r.ratings desc, r.model
