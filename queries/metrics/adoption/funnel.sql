-- title: From eligible to habitual
-- about: How many persons reached each step up to a day. Units are those of the last day with data. Activated within
--        30 days is counted from the account's creation; habitual: active in 9 of the last 12 weeks of seven days.
-- grain: one row per unit
-- access: faculty
-- param: day date  last day included
-- param: units list  units asked for
-- column: unit varchar [text]  unit with everything below it
-- column: eligible_persons bigint [count]  head-count of all roles valid on the day, null where none is given
-- column: accounts bigint [persons]  have an account that was created by the day
-- column: pending_accounts bigint [persons]  of these, waiting for approval
-- column: activated bigint [persons]  were active at least once by the day
-- column: activated_30d bigint [persons]  first active within 30 days of the account's creation
-- column: active_28d bigint [persons]  active in the 28 days up to the day; null for a day to come
-- column: habitual bigint [persons]  active in at least 9 of the 12 weeks up to the day
with units_asked as (
    select unit from unit where unit in (select unnest($units))
),

population_summed as (
    select c.ancestor as unit, cast(sum(p.persons) as bigint) as eligible_persons
    from population as p
    join unit_closure as c on c.unit = p.unit
    where c.ancestor in (select unnest($units)) and $day >= p.valid_from and $day < p.valid_to
    group by c.ancestor
),

persons_counted as (
    select
        unit,
        count_if(has_account and coalesce(account_created_day <= $day, true)) as accounts,
        count_if(has_account and is_pending and coalesce(account_created_day <= $day, true)) as pending_accounts,
        count_if(first_active_day <= $day) as activated,
        count_if(
            first_active_day <= $day
            and first_active_day >= account_created_day
            and first_active_day < account_created_day + 30
        ) as activated_30d,
    from person
    group by unit
),

persons_summed as (
    select
        c.ancestor as unit,
        cast(sum(p.accounts) as bigint) as accounts,
        cast(sum(p.pending_accounts) as bigint) as pending_accounts,
        cast(sum(p.activated) as bigint) as activated,
        cast(sum(p.activated_30d) as bigint) as activated_30d,
    from persons_counted as p
    join unit_closure as c on c.unit = p.unit
    where c.ancestor in (select unnest($units))
    group by c.ancestor
),

weeks_united as (  -- week 0 are the last seven days
    select member as unit, ($day - day) // 7 as week_no, bit_or(persons) as persons
    from active_bits
    where dimension = 'unit' and member in (select unnest($units)) and day > $day - 84 and day <= $day
    group by member, ($day - day) // 7
),

weeks_added as (  -- a binary counter per person: place n of the strings ones, twos, fours, eights is person n's count
    select
        unit,
        list_reduce(
            list({ones: persons, twos: persons & ~persons, fours: persons & ~persons, eights: persons & ~persons}),
            lambda counted, week: {
                ones: xor(counted.ones, week.ones),
                twos: xor(counted.twos, counted.ones & week.ones),
                fours: xor(counted.fours, counted.twos & counted.ones & week.ones),
                eights: counted.eights | (counted.fours & counted.twos & counted.ones & week.ones),
            }
        ) as weeks,
    from weeks_united
    group by unit
)

select
    u.unit,
    e.eligible_persons,
    coalesce(p.accounts, 0) as accounts,
    coalesce(p.pending_accounts, 0) as pending_accounts,
    coalesce(p.activated, 0) as activated,
    coalesce(p.activated_30d, 0) as activated_30d,
    case
        when $day <= (select cast(value as date) from setting where key = 'data_through_day') then coalesce(a.mau, 0)
    end as active_28d,
    coalesce(bit_count(w.weeks.eights & (w.weeks.ones | w.weeks.twos | w.weeks.fours)), 0) as habitual,
from units_asked as u
left join population_summed as e on e.unit = u.unit
left join persons_summed as p on p.unit = u.unit
left join active_daily as a on a.dimension = 'unit' and a.member = u.unit and a.day = $day
left join weeks_added as w on w.unit = u.unit
order by u.unit
