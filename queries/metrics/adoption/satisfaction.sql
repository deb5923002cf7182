-- title: Satisfaction
-- about: Share of thumbs up among rated answers, always beside the number of ratings and the share of answers rated.
-- grain: one row per unit
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- column: unit varchar [text]  unit with everything below it
-- column: ratings bigint [count]  answers rated, up or down
-- column: ratings_up bigint [count]  of these, thumbs up
-- column: satisfaction double [share]  ratings_up / ratings, null without ratings
-- column: answers bigint [count]  chat turns of persons
-- column: rated_share double [share]  ratings / answers
with ratings_summed as (
    select
        c.ancestor as unit,
        cast(sum(r.ratings_up + r.ratings_down) as bigint) as ratings,
        cast(sum(r.ratings_up) as bigint) as ratings_up,
    from rating_daily as r
    join unit_closure as c on c.unit = r.unit
    where r.day >= $start and r.day < $end and c.ancestor in (select unnest($units))
    group by c.ancestor
),

answers_summed as (
    select unit, cast(sum(user_requests) as bigint) as answers
    from usage_total_daily
    where day >= $start and day < $end and channel = 'chat' and unit in (select unnest($units))
    group by unit
)

select
    u.unit,
    coalesce(r.ratings, 0) as ratings,
    coalesce(r.ratings_up, 0) as ratings_up,
    cast(r.ratings_up as double) / nullif(r.ratings, 0) as satisfaction,
    coalesce(a.answers, 0) as answers,
    cast(coalesce(r.ratings, 0) as double) / nullif(a.answers, 0) as rated_share,
from unit as u
left join ratings_summed as r on r.unit = u.unit
left join answers_summed as a on a.unit = u.unit
where u.unit in (select unnest($units))
order by u.unit
