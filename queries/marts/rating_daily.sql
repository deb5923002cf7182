-- rating_daily: one row per day, primary home unit of the rater and model.
select
    r.day,
    coalesce(h.unit, 'UNKNOWN') as unit,
    m.model,
    cast(sum(case when r.rating > 0 then 1 else 0 end) as bigint) as ratings_up,
    cast(sum(case when r.rating < 0 then 1 else 0 end) as bigint) as ratings_down
from fact_rating as r
join dirty_day as d on d.day = r.day
join model as m on m.name = r.model
join account_rule as a on a.account_no = r.account_no
left join home_unit as h on h.person_no = a.person_no and h.is_primary and r.day >= h.valid_from and r.day < h.valid_to
group by r.day, coalesce(h.unit, 'UNKNOWN'), m.model
order by 1, 2, 3
