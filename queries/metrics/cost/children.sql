-- title: Cost one level down
-- about: The units directly below one unit, each with everything below it, and the unit's own usage that no unit below
--        it paid: together they are the whole unit. Only units that were asked for.
-- grain: one row per unit directly below the parent, and one for the parent's own
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: parent text  the unit to look into
-- param: units list  units asked for
-- param: channel text = all  chat, api or all; persons are given for all alone
-- column: unit varchar [text]  unit directly below, or the parent itself: what it paid directly
-- column: level varchar [text]  university, faculty, department or special
-- column: metered_usd decimal(38,12) [usd]  metered cost before tax
-- column: metered_czk decimal(38,18) [czk]  metered cost at each day's rate
-- column: requests bigint [count]  successful requests
-- column: active_persons bigint [persons]  distinct active persons; unknown for the parent's own row
with units_shown as (
    select unit, level from unit where parent_unit = $parent and unit in (select unnest($units))
    union all
    select unit, level from unit where unit = $parent and unit in (select unnest($units))
),

totals_summed as (  -- every child, asked for or not: what none of them paid is the parent's own
    select
        t.unit,
        sum(t.metered_usd) as metered_usd,
        sum(t.metered_czk) as metered_czk,
        sum(case when t.status = 'success' then t.requests else 0 end) as requests,
    from usage_total_daily as t
    join unit as u on u.unit = t.unit
    where
        t.day >= $start
        and t.day < $end
        and (u.unit = $parent or u.parent_unit = $parent)
        and ($channel = 'all' or t.channel = $channel)
    group by t.unit
),

usage_summed as (
    select unit, metered_usd, metered_czk, cast(requests as bigint) as requests
    from totals_summed
    where unit <> $parent
    union all
    select
        $parent,
        sum(case when unit = $parent then metered_usd else -metered_usd end),
        sum(case when unit = $parent then metered_czk else -metered_czk end),
        cast(sum(case when unit = $parent then requests else -requests end) as bigint),
    from totals_summed
),

persons_counted as (
    select member as unit, bit_count(bit_or(persons)) as active_persons
    from active_bits
    where dimension = 'unit' and member in (select unit from units_shown) and day >= $start and day < $end
    group by member
)

select
    u.unit,
    u.level,
    coalesce(s.metered_usd, 0) as metered_usd,
    coalesce(s.metered_czk, 0) as metered_czk,
    coalesce(s.requests, 0) as requests,
    case when u.unit <> $parent and $channel = 'all' then coalesce(p.active_persons, 0) end as active_persons,
from units_shown as u
left join usage_summed as s on s.unit = u.unit
left join persons_counted as p on p.unit = u.unit
order by coalesce(s.metered_czk, 0) desc, u.unit
