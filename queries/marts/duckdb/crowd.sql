-- crowd: distinct persons behind each breakdown, unit and member in the whole history (queries/closed.py).
-- Who stands behind a unit's amounts: those who asked and were paid for by it; of ratings the raters' home units. home: who
-- was counted as active in the unit.
with uses as (
    select distinct unit, model, person_no
    from usage_daily
    where person_no is not null
),

raters as (
    select distinct coalesce(h.unit, 'UNKNOWN') as unit, m.model, r.person_no
    from fact_rating as f
    join account_rule as r on r.account_no = f.account_no
    join model as m on m.name = f.model
    left join home_unit as h
        on h.person_no = r.person_no and h.is_primary and f.day >= h.valid_from and f.day < h.valid_to
),

found as (
    select 'unit' as breakdown, unit, '' as member, person_no from uses
    union
    select 'model', unit, model, person_no from uses
    union
    select 'rater', unit, '', person_no from raters
    union
    select 'rater_model', unit, model, person_no from raters
)

select f.breakdown, c.ancestor as unit, false as is_own, f.member, count(distinct f.person_no) as persons
from found as f
join unit_closure as c on c.unit = f.unit
group by f.breakdown, c.ancestor, f.member
union all
select breakdown, unit, true, member, count(distinct person_no)
from found
group by breakdown, unit, member
union all
select 'home', unit, false, '', bit_count(bit_or(persons))
from active_weeks
group by unit
order by breakdown, unit, is_own, member
