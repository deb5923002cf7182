-- landing_unit -> unit, with the special units that keep every crown visible, and the closure of the tree.
delete from unit;

insert into unit (unit, parent_unit, level, name_cs, name_en, cost_centre)
select unit, parent_unit, level, coalesce(name_cs, unit), coalesce(name_en, name_cs, unit), cost_centre
from landing_unit
union all
select $root_unit, null, 'university', $root_name_cs, $root_name_en, null
where not exists (select 1 from landing_unit where unit = $root_unit)
union all
select s.unit, $root_unit, 'special', s.name_cs, s.name_en, null
from (
    values
        ('UNKNOWN', 'Neznámá jednotka', 'Unknown unit'),
        ('SHARED', 'Sdílené služby', 'Shared services'),
        ('UNALLOCATED', 'Nerozdělené náklady', 'Unallocated cost')
) as s (unit, name_cs, name_en);

create or replace temp table former_closure as
select unit, ancestor from unit_closure;

delete from unit_closure;

insert into unit_closure (unit, ancestor)
with recursive climbed as (
    select unit, unit as ancestor from unit
    union
    select c.unit, coalesce(u.parent_unit, $root_unit)
    from climbed as c
    join unit as u on u.unit = c.ancestor
    where c.ancestor <> $root_unit
)

select unit, ancestor from climbed;

-- in another tree other units count a person
insert into ops.dirty_day
select distinct u.day
from usage_daily as u
where exists (select unit, ancestor from unit_closure except select unit, ancestor from former_closure)
    or exists (select unit, ancestor from former_closure except select unit, ancestor from unit_closure);
