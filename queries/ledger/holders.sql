-- How many seats of each product the units' people held in the month: by its last full report, by where they belonged then.
with rosters as (
    select product, max(report_day) as report_day
    from fact_seat
    where kind = 'roster' and report_day >= $start and report_day < $end
    group by product
),

held as (
    select distinct s.product, s.report_day, a.person_no, s.account_no
    from fact_seat as s
    join rosters as r on r.product = s.product and r.report_day = s.report_day
    left join account_rule as a on a.account_no = s.account_no
    where s.kind = 'roster' and s.status = 'assigned'
)

select h.product, coalesce(u.unit, 'UNKNOWN') as unit, sum(coalesce(u.weight, 1)) as seats
from held as h
left join home_unit as u
    on u.person_no = h.person_no and h.report_day >= u.valid_from and h.report_day < u.valid_to
group by h.product, coalesce(u.unit, 'UNKNOWN')
order by all
