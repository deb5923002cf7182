-- title: Seats of several plans
-- about: Who holds seats of more than one plan in the same month: persons of all plans' last reports of the month that name
--        holders. A plan whose vendor hashes names counts such a holder as somebody else.
-- grain: one row per month and unit
-- access: faculty
-- param: start date  a day of the first month
-- param: end date  day after the last month
-- param: units list  units asked for
-- column: month_start date [day]  month of the reports
-- column: unit varchar [text]  home of the holder with everything below it
-- column: holders bigint [persons]  hold a seat of any plan
-- column: holders_of_several bigint [persons]  of these, hold seats of more than one plan
-- siblings: month_start
with months_asked as (
    select distinct month_start
    from seat_month
    where month_start >= date_trunc('month', $start) and month_start < $end
),

holders_found as (
    select s.month_start, c.ancestor as unit, s.holder_no, count(distinct s.product) as plans
    from seat_month as s
    join unit_closure as c on c.unit = s.unit
    where s.month_start >= date_trunc('month', $start) and s.month_start < $end and c.ancestor in (select unnest($units))
    group by s.month_start, c.ancestor, s.holder_no
),

holders_counted as (
    select month_start, unit, count(*) as holders, count_if(plans > 1) as holders_of_several
    from holders_found
    group by month_start, unit
)

select
    m.month_start,
    u.unit,
    coalesce(h.holders, 0) as holders,
    coalesce(cast(h.holders_of_several as bigint), 0) as holders_of_several,
from months_asked as m
cross join unit as u
left join holders_counted as h on h.month_start = m.month_start and h.unit = u.unit
where u.unit in (select unnest($units))
order by m.month_start, u.unit
