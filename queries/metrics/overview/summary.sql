-- title: The period in one row
-- about: Active persons, requests, tokens and cost of a unit in a period, and which of its days hold data.
-- grain: one row per unit
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all; invoices and persons are given for all alone
-- column: unit varchar [text]  unit with everything below it
-- column: active_persons bigint [persons]  distinct active persons
-- column: requests bigint [count]  successful requests, service accounts included
-- column: metered_czk decimal(38,18) [czk]  metered cost before tax at each day's rate
-- column: effective_czk decimal(38,18) [czk]  invoices spread over the days they pay for; null without an invoice line
--         or where an amount has no rate
-- column: billed_tokens bigint [tokens]  input + cached + cache write + output
-- column: first_day date [day]  first day with usage in the period
-- column: last_day date [day]  last day with usage in the period
with usage_summed as (
    select
        unit,
        cast(sum(case when status = 'success' then requests else 0 end) as bigint) as requests,
        sum(metered_czk) as metered_czk,
        cast(sum(input_tokens + cached_tokens + cache_write_tokens + output_tokens) as bigint) as billed_tokens,
        min(day) as first_day,
        max(day) as last_day,
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
    case when $channel = 'all' then coalesce(p.active_persons, 0) end as active_persons,
    coalesce(s.requests, 0) as requests,
    coalesce(s.metered_czk, 0) as metered_czk,
    i.effective_czk,
    coalesce(s.billed_tokens, 0) as billed_tokens,
    s.first_day,
    s.last_day,
from unit as u
left join usage_summed as s on s.unit = u.unit
left join invoices_summed as i on i.unit = u.unit
left join persons_counted as p on p.unit = u.unit
where u.unit in (select unnest($units))
order by u.unit
