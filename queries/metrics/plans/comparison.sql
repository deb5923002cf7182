-- title: Pay as you go against seats
-- about: Mean monthly cost of three ways to pay for the same usage: all by use, a seat for everybody active in the
--        period (never fewer than the plan's minimum), and the best mix: seats for those who cost most, the others by
--        use; none at all where that is cheapest. A seat is taken to include all its holder's usage. The best mix never
--        costs more than either pure way.
-- grain: one row per unit
-- access: university
-- param: start date  first day of the first month
-- param: end date  day after the last month
-- param: seat_czk decimal  price of one seat a month
-- param: minimum_seats integer = 0  fewest seats the plan sells
-- param: units list  units asked for
-- column: unit varchar [text]  home unit with everything below it
-- column: months bigint [count]  months of the period with data
-- column: active_persons bigint [persons]  persons with at least one request of their own in the period
-- column: all_metered_czk decimal(38,6) [czk]  a month, everybody by use
-- column: all_seats_czk decimal(38,6) [czk]  a month, a seat for everybody
-- column: best_mix_czk decimal(38,6) [czk]  a month, the cheapest mix
-- column: best_mix_seats bigint [persons]  seats to buy in that mix
-- column: break_even_share double [share]  share of the active persons who cost more than a seat
-- derived: all_seats_czk active_persons times
-- derived: best_mix_czk best_mix_seats exact
-- derived: break_even_share active_persons exact
-- derived: break_even_share best_mix_seats exact
with months_counted as (
    select count(distinct month_start) as months
    from dates
    where
        day >= $start
        and day < $end
        and day <= (select cast(value as date) from setting where key = 'data_through_day')
),

plan_given as (
    select
        cast(cast($seat_czk as decimal(18, 6)) * 1000000 as bigint) as seat,
        cast($minimum_seats as bigint) as minimum_seats,
),

persons_summed as (  -- whole millionths of a crown a month, so that nothing becomes a float
    select
        c.ancestor as unit,
        cast(round(sum(p.metered_czk), 6) * 1000000 as bigint) // nullif(any_value(m.months), 0) as monthly,
    from person_month as p
    join unit_closure as c on c.unit = p.unit
    cross join months_counted as m
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
        sum(p.monthly) as all_metered,
        count_if(p.monthly > g.seat) as persons_above,
        sum(case when p.monthly > g.seat then p.monthly else 0 end) as metered_above,
        list_sum(max(p.monthly, least(greatest($minimum_seats, 1), 999999))) as metered_of_minimum,
        any_value(g.seat) as seat,
        any_value(g.minimum_seats) as minimum_seats,
    from persons_summed as p
    cross join plan_given as g
    group by p.unit
),

mixes_costed as (  -- once any seat is bought, everybody above its price gets one, and the minimum is used up
    select
        unit,
        active_persons,
        all_metered,
        persons_above,
        greatest(active_persons, minimum_seats) * seat as all_seats,
        greatest(persons_above, minimum_seats) as seats,
        greatest(persons_above, minimum_seats) * seat
        + all_metered
        - case when persons_above >= minimum_seats then metered_above else metered_of_minimum end as mix,
    from units_weighed
),

ways_compared as (
    select
        unit,
        active_persons,
        all_metered,
        persons_above,
        all_seats,
        least(all_metered, mix) as best_mix,
        case when mix < all_metered then seats else 0 end as best_mix_seats,
    from mixes_costed
)

select
    u.unit,
    m.months,
    coalesce(w.active_persons, 0) as active_persons,
    cast(cast(coalesce(w.all_metered, 0) as decimal(30, 0)) * 0.000001 as decimal(38, 6)) as all_metered_czk,
    cast(
        cast(coalesce(w.all_seats, g.minimum_seats * g.seat) as decimal(30, 0)) * 0.000001 as decimal(38, 6)
    ) as all_seats_czk,
    cast(cast(coalesce(w.best_mix, 0) as decimal(30, 0)) * 0.000001 as decimal(38, 6)) as best_mix_czk,
    cast(coalesce(w.best_mix_seats, 0) as bigint) as best_mix_seats,
    cast(w.persons_above as double) / nullif(w.active_persons, 0) as break_even_share,
from unit as u
cross join months_counted as m
cross join plan_given as g
left join ways_compared as w on w.unit = u.unit
where u.unit in (select unnest($units))
order by u.unit
