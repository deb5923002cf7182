-- title: From bought to used seats
-- about: How many seats were bought and how far they got, by the month's last report: assigned (also invitations that
--        wait), ever activated, active in the 28 days up to the report, and at the limit (at least 95 % of what the seat
--        includes, where that is known). A month without a report has no row. Seats are bought by the university as
--        a whole. Unused seats cost the plan's fee after discount: those given to nobody and those nobody was active under.
-- grain: one row per month, product and unit
-- access: faculty
-- param: start date  a day of the first month
-- param: end date  day after the last month
-- param: units list  units asked for
-- column: month_start date [day]  first day of the month
-- column: product varchar [text]  code of the plan
-- column: unit varchar [text]  holders' home unit with everything below it
-- column: report_day date [day]  day of the month's last report
-- column: bought bigint [count]  seats bought, of the root alone; null: nothing says how many
-- column: bought_origin varchar [text]  what says so: count or invoice
-- column: unassigned bigint [count]  seats bought and given to nobody, of the root alone
-- column: assigned bigint [persons]  persons who hold a seat or an invitation
-- column: activated bigint [persons]  of these, ever active under it
-- column: never_activated bigint [persons]  of those assigned, never active under it
-- column: active bigint [persons]  of those activated, active in the 28 days up to the report
-- column: lapsed bigint [persons]  of those activated, not active in these days
-- column: at_limit bigint [persons]  of those assigned, used at least 95 % of the allowance; null where none is known
-- column: below_limit bigint [persons]  of those assigned, the rest
-- column: seat_czk decimal(18,6) [czk]  one seat a month before tax; null: not known
-- column: unassigned_czk decimal(38,6) [czk]  unassigned x seat_czk
-- column: unused bigint [persons]  of those assigned, not active in these days
-- column: unused_czk decimal(38,6) [czk]  unused x seat_czk
-- siblings: month_start product
-- parts: assigned activated never_activated
-- parts: activated active lapsed
-- parts: assigned never_activated active lapsed
-- parts: assigned at_limit below_limit
-- parts: assigned active unused
-- derived: unused_czk unused times
-- derived: unassigned assigned rest
-- derived: unassigned_czk assigned rest seat_czk
with months_asked as (
    select month_start, product, report_day, is_named, bought, bought_origin, assigned, active, seat_czk
    from seat_product_month
    where month_start >= date_trunc('month', $start) and month_start < $end
),

persons_counted as (
    select
        s.month_start,
        s.product,
        c.ancestor as unit,
        count(*) as assigned,
        cast(count_if(s.is_activated) as bigint) as activated,
        cast(count_if(s.is_active) as bigint) as active,
        cast(count_if(s.is_at_limit) as bigint) as at_limit,
        count(s.is_at_limit) as with_limit,
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

steps_counted as (  -- where reports name nobody, the root alone has numbers
    select
        m.month_start,
        m.product,
        u.unit,
        m.report_day,
        case when u.is_root and m.bought_origin <> 'assigned' then m.bought end as bought,
        case when u.is_root and m.bought_origin <> 'assigned' then m.bought_origin end as bought_origin,
        case when u.is_root and m.bought_origin <> 'assigned' then m.bought - m.assigned end as unassigned,
        case when m.is_named then coalesce(p.assigned, 0) when u.is_root then m.assigned end as assigned,
        case when m.is_named then coalesce(p.active, 0) when u.is_root then m.active end as active,
        case when m.is_named then coalesce(p.activated, 0) end as activated,
        case when p.with_limit > 0 then p.at_limit end as at_limit,
        m.seat_czk,
    from months_asked as m
    cross join units_asked as u
    left join persons_counted as p on p.month_start = m.month_start and p.product = m.product and p.unit = u.unit
)

select
    month_start,
    product,
    unit,
    report_day,
    bought,
    bought_origin,
    unassigned,
    assigned,
    activated,
    assigned - activated as never_activated,
    active,
    activated - active as lapsed,
    at_limit,
    assigned - at_limit as below_limit,
    seat_czk,
    cast(unassigned * seat_czk as decimal(38, 6)) as unassigned_czk,
    assigned - active as unused,
    cast((assigned - active) * seat_czk as decimal(38, 6)) as unused_czk,
from steps_counted
order by month_start, product, unit
