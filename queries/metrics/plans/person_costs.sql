-- title: Persons by monthly cost
-- about: How many persons cost how much a month by metering: a person's cost in the period divided by its months (those
--        with data). Persons with at least one request of their own; the units are the persons' homes.
-- grain: one row per unit and bucket, buckets without persons included
-- access: university
-- param: start date  first day of the first month
-- param: end date  day after the last month
-- param: seat_czk decimal  price of one seat a month
-- param: units list  units asked for
-- column: unit varchar [text]  home unit with everything below it
-- column: bucket_from_czk decimal(18,6) [czk]  lower bound, included
-- column: bucket_to_czk decimal(18,6) [czk]  upper bound, excluded; null: open
-- column: persons bigint [persons]  persons whose mean monthly metered cost lies in the bucket
-- column: is_above_seat boolean [text]  the whole bucket costs at least a seat
-- siblings: unit
with months_counted as (
    select count(distinct month_start) as months
    from dates
    where
        month_start >= $start
        and day < $end
        and day <= (select cast(value as date) from setting where key = 'data_through_day')
),

persons_summed as (
    select c.ancestor as unit, p.person_no, sum(p.metered_czk) as metered_czk
    from person_month as p
    join unit_closure as c on c.unit = p.unit
    where
        p.month_start >= $start
        and p.month_start < $end
        and c.ancestor in (select unnest($units))
    group by c.ancestor, p.person_no
    having sum(p.user_requests) > 0
),

buckets_listed as (
    select
        cast(b.bound as decimal(18, 6)) as bucket_from_czk,
        cast(lead(b.bound) over (order by b.bound) as decimal(18, 6)) as bucket_to_czk,
    from unnest([0, 25, 50, 100, 200, 400, 600, 1000, 2000, 4000, 6000, 10000, 20000]) as b (bound)
),

persons_placed as (
    select
        p.unit,
        b.bucket_from_czk,
        count(*) as persons,
    from persons_summed as p
    cross join months_counted as m
    join buckets_listed as b
        on greatest(p.metered_czk, 0) >= b.bucket_from_czk * m.months
        and (b.bucket_to_czk is null or p.metered_czk < b.bucket_to_czk * m.months)
    group by p.unit, b.bucket_from_czk
)

select
    u.unit,
    b.bucket_from_czk,
    b.bucket_to_czk,
    coalesce(p.persons, 0) as persons,
    b.bucket_from_czk >= $seat_czk as is_above_seat,
from unit as u
cross join buckets_listed as b
left join persons_placed as p on p.unit = u.unit and p.bucket_from_czk = b.bucket_from_czk
where u.unit in (select unnest($units))
order by u.unit, b.bucket_from_czk
