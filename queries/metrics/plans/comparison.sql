-- title: Pay as you go against seats
-- about: Mean monthly cost of two ways to pay for the same usage: all by use, and a seat for everybody active in the
--        period; and how many persons cost more than a seat. A seat is taken to include all its holder's usage. The
--        cheapest mix of both stands on the page Plans.
-- grain: one row per unit
-- access: university
-- param: start date  first day of the first month
-- param: end date  day after the last month
-- param: seat_czk decimal  price of one seat a month
-- param: units list  units asked for
-- column: unit varchar [text]  home unit with everything below it
-- column: months bigint [count]  months of the period with data
-- column: active_persons bigint [persons]  persons with at least one request of their own in the period
-- column: all_metered_czk decimal(38,6) [czk]  a month, everybody by use
-- column: all_seats_czk decimal(38,6) [czk]  a month, a seat for everybody active
-- column: persons_above bigint [persons]  of these, cost more than a seat
-- derived: all_seats_czk active_persons times
with months_counted as (
    select count(distinct month_start) as months
    from dates
    where
        month_start >= $start
        and day < $end
        and day <= (select cast(value as date) from setting where key = 'data_through_day')
),

plan_given as (
    select cast(cast($seat_czk as decimal(18, 6)) * 1000000 as bigint) as seat
),

persons_summed as (  -- whole millionths of a crown, so that nothing becomes a float
    select c.ancestor as unit, cast(round(sum(p.metered_czk), 6) * 1000000 as bigint) as metered
    from person_month as p
    join unit_closure as c on c.unit = p.unit
    where
        p.month_start >= $start
        and p.month_start < $end
        and c.ancestor in (select unnest($units))
    group by c.ancestor, p.person_no
    having sum(p.user_requests) > 0
),

units_weighed as (
    select
        p.unit,
        count(*) as active_persons,
        sum(p.metered) as all_metered,
        count_if(p.metered > g.seat * m.months) as persons_above,
    from persons_summed as p
    cross join plan_given as g
    cross join months_counted as m
    group by p.unit
)

select
    u.unit,
    m.months,
    coalesce(w.active_persons, 0) as active_persons,
    cast(
        cast(coalesce(w.all_metered // nullif(m.months, 0), 0) as decimal(30, 0)) * 0.000001 as decimal(38, 6)
    ) as all_metered_czk,
    cast(
        cast(coalesce(w.active_persons, 0) * g.seat as decimal(30, 0)) * 0.000001 as decimal(38, 6)
    ) as all_seats_czk,
    cast(coalesce(w.persons_above, 0) as bigint) as persons_above,
from unit as u
cross join months_counted as m
cross join plan_given as g
left join units_weighed as w on w.unit = u.unit
where u.unit in (select unnest($units))
order by u.unit
