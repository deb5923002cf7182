-- title: Cost by unit
-- about: What each unit used and what it cost: metered (the gateway's estimate, before tax; USD, and CZK at the central
--        bank's rate of each day) and, apart from it, effective (invoices that name the unit as owner; UNALLOCATED
--        holds the others). The university's figures hold everything.
-- grain: one row per unit
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all; invoices and persons are given for all alone
-- column: unit varchar [text]  paying unit with everything below it
-- column: requests bigint [count]  successful requests, service accounts included
-- column: user_requests bigint [count]  of these, asked for by persons
-- column: billed_tokens bigint [tokens]  input + cached + cache write + output
-- column: metered_usd decimal(38,12) [usd]  metered cost
-- column: metered_czk decimal(38,18) [czk]  metered cost at each day's rate
-- column: cache_saved_usd decimal(38,12) [usd]  what answers from the gateway's own cache would have cost
-- column: requests_without_cost bigint [count]  requests whose cost is unknown: metered cost is without them
-- column: effective_czk decimal(38,18) [czk]  invoices spread over the days they pay for; null without an invoice line
--         or where an amount has no rate
-- column: active_persons bigint [persons]  distinct active persons of the unit
-- column: cost_per_active_czk decimal(38,6) [czk]  metered_czk / active_persons
-- derived: cost_per_active_czk active_persons over metered_czk
with units_asked as (
    select unit from unit where unit in (select unnest($units))
),

usage_summed as (
    select
        unit,
        cast(sum(case when status = 'success' then requests else 0 end) as bigint) as requests,
        cast(sum(user_requests) as bigint) as user_requests,
        cast(sum(input_tokens + cached_tokens + cache_write_tokens + output_tokens) as bigint) as billed_tokens,
        sum(metered_usd) as metered_usd,
        sum(metered_czk) as metered_czk,
        sum(cache_saved_usd) as cache_saved_usd,
        cast(sum(requests_without_cost) as bigint) as requests_without_cost,
    from usage_total_daily
    where
        day >= $start
        and day < $end
        and unit in (select unnest($units))
        and ($channel = 'all' or channel = $channel)
    group by unit
),

invoices_summed as (
    select
        c.ancestor as unit,
        case when count(i.effective_czk) = count(*) then sum(i.effective_czk) end as effective_czk,
    from invoice_day as i
    join unit_closure as c on c.unit = i.unit
    where i.day >= $start and i.day < $end and c.ancestor in (select unnest($units)) and $channel = 'all'
    group by c.ancestor
),

persons_counted as (
    select member as unit, bit_count(bit_or(persons)) as active_persons
    from active_bits
    where
        dimension = 'unit'
        and member in (select unnest($units))
        and day >= $start
        and day < $end
        and $channel = 'all'
    group by member
)

select
    u.unit,
    coalesce(s.requests, 0) as requests,
    coalesce(s.user_requests, 0) as user_requests,
    coalesce(s.billed_tokens, 0) as billed_tokens,
    coalesce(s.metered_usd, 0) as metered_usd,
    coalesce(s.metered_czk, 0) as metered_czk,
    coalesce(s.cache_saved_usd, 0) as cache_saved_usd,
    coalesce(s.requests_without_cost, 0) as requests_without_cost,
    i.effective_czk,
    case when $channel = 'all' then coalesce(p.active_persons, 0) end as active_persons,
    -- in millionths and whole numbers, since dividing decimals would make a float of the money
    cast(
        cast(cast(round(s.metered_czk, 6) * 1000000 as hugeint) // nullif(p.active_persons, 0) as decimal(30, 0))
        * 0.000001
        as decimal(38, 6)
    ) as cost_per_active_czk,
from units_asked as u
left join usage_summed as s on s.unit = u.unit
left join invoices_summed as i on i.unit = u.unit
left join persons_counted as p on p.unit = u.unit
order by u.unit
