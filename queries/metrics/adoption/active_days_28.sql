-- title: Days active out of 28
-- about: How many persons were active on 1, 2, ... 28 of the 28 days up to a day (L28).
-- grain: one row per unit and number of active days
-- access: faculty
-- param: day date  last day included
-- param: units list  units asked for
-- column: unit varchar [text]  unit with everything below it
-- column: active_days integer [count]  1 to 28
-- column: persons bigint [persons]  active on exactly so many of the 28 days
-- siblings: unit
with days_chosen as (
    select member as unit, persons
    from active_bits
    where dimension = 'unit' and member in (select unnest($units)) and day > $day - 28 and day <= $day
),

days_added as (  -- a binary counter per person: place n of ones, twos, ... sixteens is person n's count of days
    select
        unit,
        list_reduce(
            list({
                ones: persons,
                twos: persons & ~persons,
                fours: persons & ~persons,
                eights: persons & ~persons,
                sixteens: persons & ~persons,
            }),
            lambda counted, day: {
                ones: xor(counted.ones, day.ones),
                twos: xor(counted.twos, counted.ones & day.ones),
                fours: xor(counted.fours, counted.twos & counted.ones & day.ones),
                eights: xor(counted.eights, counted.fours & counted.twos & counted.ones & day.ones),
                sixteens: counted.sixteens
                | (counted.eights & counted.fours & counted.twos & counted.ones & day.ones),
            }
        ) as days,
    from days_chosen
    group by unit
),

numbers_listed as (
    select cast(n as integer) as active_days from range(1, 29) as r (n)
)

select
    u.unit,
    n.active_days,
    coalesce(
        bit_count(
            case when n.active_days & 1 > 0 then d.days.ones else ~d.days.ones end
            & case when n.active_days & 2 > 0 then d.days.twos else ~d.days.twos end
            & case when n.active_days & 4 > 0 then d.days.fours else ~d.days.fours end
            & case when n.active_days & 8 > 0 then d.days.eights else ~d.days.eights end
            & case when n.active_days & 16 > 0 then d.days.sixteens else ~d.days.sixteens end
        ),
        0
    ) as persons,
from unit as u
cross join numbers_listed as n
left join days_added as d on d.unit = u.unit
where u.unit in (select unnest($units))
order by u.unit, n.active_days
