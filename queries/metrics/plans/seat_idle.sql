-- title: Seats that could be taken back
-- about: Why seats lie idle by the month's last report: bought and given to nobody, never used, not used for 30 days, or
--        held by somebody who has left. A licence younger than 60 days counts as never used or idle under no
--        circumstances; who has left does at once. Seats whose activity is not reported are kept.
-- grain: one row per month, product and unit
-- access: faculty
-- param: start date  a day of the first month
-- param: end date  day after the last month
-- param: units list  units asked for
-- column: month_start date [day]  first day of the month
-- column: product varchar [text]  code of the plan
-- column: unit varchar [text]  holders' home unit with everything below it
-- column: unassigned bigint [count]  seats bought and given to nobody, of the root alone; null: not known
-- column: assigned bigint [persons]  persons who hold a seat or an invitation
-- column: never_used bigint [persons]  held for 60 days or more, never active
-- column: idle bigint [persons]  held for 60 days or more, not active for 30 days
-- column: left_university bigint [persons]  no longer in people.csv
-- column: young bigint [persons]  none of these, and a licence younger than 60 days
-- column: used bigint [persons]  the rest: their seats are used, or their activity is not reported
-- column: reclaimable bigint [persons]  never_used + idle + left_university
-- column: reclaimable_czk decimal(38,6) [czk]  reclaimable x the price of a seat a month, before tax; null: not known
-- siblings: month_start product
-- parts: assigned never_used idle left_university young used
-- parts: reclaimable never_used idle left_university
-- parts: assigned reclaimable young used
-- derived: reclaimable_czk reclaimable times
-- derived: unassigned assigned rest
with months_asked as (
    select month_start, product, bought, bought_origin, assigned, seat_czk
    from seat_product_month
    where month_start >= date_trunc('month', $start) and month_start < $end and is_named
),

persons_counted as (
    select
        s.month_start,
        s.product,
        c.ancestor as unit,
        count(*) as assigned,
        cast(count_if(s.reason = 'never_used') as bigint) as never_used,
        cast(count_if(s.reason = 'idle') as bigint) as idle,
        cast(count_if(s.reason = 'left') as bigint) as left_university,
        cast(count_if(s.is_young and s.reason is null) as bigint) as young,
    from seat_month as s
    join unit_closure as c on c.unit = s.unit
    where s.month_start >= date_trunc('month', $start) and s.month_start < $end and c.ancestor in (select unnest($units))
    group by s.month_start, s.product, c.ancestor
),

units_asked as (
    select unit, unit = (select value from setting where key = 'root_unit') as is_root
    from unit
    where unit in (select unnest($units))
),

reasons_counted as (
    select
        m.month_start,
        m.product,
        u.unit,
        case when u.is_root and m.bought_origin <> 'assigned' then m.bought - m.assigned end as unassigned,
        coalesce(p.assigned, 0) as assigned,
        coalesce(p.never_used, 0) as never_used,
        coalesce(p.idle, 0) as idle,
        coalesce(p.left_university, 0) as left_university,
        coalesce(p.young, 0) as young,
        m.seat_czk,
    from months_asked as m
    cross join units_asked as u
    left join persons_counted as p on p.month_start = m.month_start and p.product = m.product and p.unit = u.unit
)

select
    month_start,
    product,
    unit,
    unassigned,
    assigned,
    never_used,
    idle,
    left_university,
    young,
    assigned - never_used - idle - left_university - young as used,
    never_used + idle + left_university as reclaimable,
    cast((never_used + idle + left_university) * seat_czk as decimal(38, 6)) as reclaimable_czk,
from reasons_counted
order by month_start, product, unit
