-- person_unit, group_membership, account domains -> home_unit: per person and stretch of days the units of the best
-- origin (people.csv before groups before e-mail domain), weights made to add to 1. Differences dirty their days.
create or replace temp table stated_home as
select n.person_no, p.unit, p.role, p.weight, p.valid_from, p.valid_to, 1 as rank, 'people' as origin
from person_unit as p
join person as n on n.person_key = p.person_key
union all
select n.person_no, f.unit, f.role, f.weight, date '1900-01-01', date '9999-12-31', 0, 'people'
from forgotten_home as f
join person as n on n.person_key = f.account_key
union all
select a.person_no, r.unit, r.role, 1, g.valid_from, g.valid_to, 2, 'group'
from group_membership as g
join group_rule as r on r.group_name = g.group_name and r.unit is not null
join account_rule as a on a.account_no = g.account_no
union all
select distinct a.person_no, d.unit, d.role, 1, date '1900-01-01', date '9999-12-31', 3, 'domain'
from account as c
join account_rule as a on a.account_no = c.account_no
join domain_unit as d on d.email_domain = c.email_domain;

-- groups that name a role and no unit; it holds for the unit groups of the same days
create or replace temp table stated_role as
select a.person_no, r.role, g.valid_from, g.valid_to
from group_membership as g
join group_rule as r on r.group_name = g.group_name and r.unit is null and r.role is not null
join account_rule as a on a.account_no = g.account_no;

create or replace temp table new_home_unit as
with edges as (
    select person_no, valid_from as edge from stated_home
    union
    select person_no, valid_to from stated_home
    union
    select person_no, valid_from from stated_role
    union
    select person_no, valid_to from stated_role
),

stretches as (
    select person_no, edge as valid_from, lead(edge) over (partition by person_no order by edge) as valid_to
    from edges
),

stretch_roles as (
    select s.person_no, s.valid_from, min(r.role) as role  -- staff before student where both are said
    from stretches as s
    join stated_role as r
        on r.person_no = s.person_no and r.valid_from <= s.valid_from and r.valid_to >= s.valid_to
    where s.valid_to is not null
    group by s.person_no, s.valid_from
),

homes_ranked as (
    select
        s.person_no, s.valid_from, s.valid_to, h.unit, h.weight, h.origin, h.rank,
        coalesce(h.role, case when h.origin = 'group' then r.role end, 'other') as role,
        min(h.rank) over (partition by s.person_no, s.valid_from) as best_rank
    from stretches as s
    join stated_home as h
        on h.person_no = s.person_no and h.valid_from <= s.valid_from and h.valid_to >= s.valid_to
    left join stretch_roles as r on r.person_no = s.person_no and r.valid_from = s.valid_from
    where s.valid_to is not null
),

homes_merged as (
    select
        person_no, valid_from, valid_to, unit, min(origin) as origin, sum(weight) as weight,
        min_by(role, (-weight, role)) as role
    from homes_ranked
    where rank = best_rank
    group by person_no, valid_from, valid_to, unit
)

select
    person_no,
    unit,
    role,
    cast(weight / sum(weight) over stretch as decimal(9, 6)) as weight,
    row_number() over (partition by person_no, valid_from order by weight desc, unit) = 1 as is_primary,
    valid_from,
    valid_to,
    origin
from homes_merged
window stretch as (partition by person_no, valid_from);

create or replace temp table changed_home as
select person_no, min(valid_from) as first_day, max(valid_to) as last_day
from (
    (select * from new_home_unit except select * from home_unit)
    union all
    (select * from home_unit except select * from new_home_unit)
)
group by person_no;

-- person_daily holds every day on which a person used anything; a day on which it doesn't yet is dirty already
insert into ops.dirty_day
select distinct d.day
from person_daily as d
join changed_home as c on c.person_no = d.person_no and d.day >= c.first_day and d.day < c.last_day
union
select distinct t.day
from fact_rating as t
join account_rule as a on a.account_no = t.account_no
join changed_home as c on c.person_no = a.person_no and t.day >= c.first_day and t.day < c.last_day;

delete from home_unit;
insert into home_unit select * from new_home_unit order by person_no, valid_from, unit;
