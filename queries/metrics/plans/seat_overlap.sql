-- title: Seats and the sandbox
-- about: Who holds a seat and also uses the sandbox: persons whose seat's report gives an address, active under the seat
--        in the 28 days up to the month's last report, and with at least one request of their own in the sandbox in the
--        month. Holders whose names the vendor hashes can't be matched and are counted apart.
-- grain: one row per month, product and unit
-- access: faculty
-- param: start date  a day of the first month
-- param: end date  day after the last month
-- param: units list  units asked for
-- column: month_start date [day]  first day of the month
-- column: product varchar [text]  code of the plan
-- column: unit varchar [text]  holders' home unit with everything below it
-- column: assigned bigint [persons]  persons who hold a seat or an invitation
-- column: unmatched bigint [persons]  of these, under a hashed name
-- column: matched bigint [persons]  of these, known
-- column: both bigint [persons]  of those known, active under the seat and in the sandbox
-- column: seat_only bigint [persons]  of those known, active under the seat alone
-- column: sandbox_only bigint [persons]  of those known, active in the sandbox alone
-- column: neither bigint [persons]  of those known, active in neither
-- column: sandbox_persons bigint [persons]  both + sandbox_only
-- column: sandbox_czk decimal(38,18) [czk]  what the holders' use of the sandbox cost in the month, in three digits
-- siblings: month_start product
-- parts: assigned matched unmatched
-- parts: matched both seat_only sandbox_only neither
-- parts: sandbox_persons both sandbox_only
-- parts: matched sandbox_persons seat_only neither
-- derived: sandbox_czk sandbox_persons digits
with months_asked as (
    select month_start, product
    from seat_product_month
    where month_start >= date_trunc('month', $start) and month_start < $end and is_named
),

persons_seen as (
    select
        month_start,
        person_no,
        sum(user_requests) > 0 as is_user,
        sum(metered_czk) as metered_czk,
    from person_month
    where
        month_start >= date_trunc('month', $start)
        and month_start < $end
        and person_no in (select person_no from seat_month)
    group by month_start, person_no
),

persons_counted as (
    select
        s.month_start,
        s.product,
        c.ancestor as unit,
        count(*) as assigned,
        count(s.person_no) as matched,
        cast(count_if(s.person_no is not null and s.is_active and coalesce(p.is_user, false)) as bigint) as both,
        cast(count_if(s.person_no is not null and s.is_active and not coalesce(p.is_user, false)) as bigint) as seat_only,
        cast(count_if(s.person_no is not null and not s.is_active and coalesce(p.is_user, false)) as bigint) as sandbox_only,
        sum(p.metered_czk) as sandbox_czk,
    from seat_month as s
    join unit_closure as c on c.unit = s.unit
    left join persons_seen as p on p.month_start = s.month_start and p.person_no = s.person_no
    where s.month_start >= date_trunc('month', $start) and s.month_start < $end and c.ancestor in (select unnest($units))
    group by s.month_start, s.product, c.ancestor
)

select
    m.month_start,
    m.product,
    u.unit,
    coalesce(p.assigned, 0) as assigned,
    coalesce(p.assigned - p.matched, 0) as unmatched,
    coalesce(p.matched, 0) as matched,
    coalesce(p.both, 0) as both,
    coalesce(p.seat_only, 0) as seat_only,
    coalesce(p.sandbox_only, 0) as sandbox_only,
    coalesce(p.matched - p.both - p.seat_only - p.sandbox_only, 0) as neither,
    coalesce(p.both + p.sandbox_only, 0) as sandbox_persons,
    coalesce(p.sandbox_czk, 0) as sandbox_czk,
from months_asked as m
cross join unit as u
left join persons_counted as p on p.month_start = m.month_start and p.product = m.product and p.unit = u.unit
where u.unit in (select unnest($units))
order by m.month_start, m.product, u.unit
