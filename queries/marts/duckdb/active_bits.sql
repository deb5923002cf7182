-- active_bits: one row per day and member of a dimension: the active persons of the day as a bit string over bit_no.
-- The strings of folded days are kept and at most gain persons (bit_days.sql); an anonymous account counts on none.
-- A person counts in each of their home units and in every unit above; without a home, in the units that paid.
with uses as (
    select u.day, u.person_no, u.unit, u.model, u.channel
    from usage_daily as u
    join bits_day as d on d.day = u.day
    where u.person_no is not null and u.user_requests > 0
    -- a further home unit may have received no whole request: the person still counts there, through home_unit
),

days_active as (
    select distinct day, person_no from uses
),

homes as (
    select a.day, a.person_no, h.unit
    from days_active as a
    join home_unit as h on h.person_no = a.person_no and a.day >= h.valid_from and a.day < h.valid_to
),

units_counted as (
    select day, person_no, unit from homes
    union
    select u.day, u.person_no, u.unit
    from uses as u
    where not exists (select 1 from homes as h where h.day = u.day and h.person_no = u.person_no)
),

roles_counted as (
    select a.day, a.person_no, coalesce(h.role, 'other') as role
    from days_active as a
    left join home_unit as h
        on h.person_no = a.person_no and h.is_primary and a.day >= h.valid_from and a.day < h.valid_to
),

members as (
    select u.day, 'unit' as dimension, c.ancestor as member, u.person_no
    from units_counted as u
    join unit_closure as c on c.unit = u.unit
    union all
    select day, 'model', model, person_no from uses
    union all
    select day, 'channel', channel, person_no from uses
    union all
    select day, 'role', role, person_no from roles_counted
),

counted as (
    select m.day, m.dimension, m.member, bitstring_agg(p.bit_no, 0, cast($capacity as integer) - 1) as persons
    from members as m
    join person as p on p.person_no = m.person_no
    where not coalesce(
        starts_with(p.person_key, 'forgotten')
        and m.day < (select cast(value as date) from ops.setting where key = 'folded_before'),
        false
    )
    group by m.day, m.dimension, m.member
    union all
    select k.day, k.dimension, k.member, k.persons
    from kept_bits as k
    join bits_day as d on d.day = k.day
)

select day, dimension, member, bit_or(persons) as persons
from counted
group by day, dimension, member
order by dimension, member, day
