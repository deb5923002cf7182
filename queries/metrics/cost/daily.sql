-- title: Cost per day
-- about: Metered cost (before tax, CZK at the day's rate) and, apart from it, the invoices' cost of the day. Days after
--        the last day with data are left out; a day without usage is 0.
-- grain: one row per day and unit
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all; invoices are of no channel
-- column: day date [day]  local day (of invoices: the provider's own)
-- column: unit varchar [text]  paying unit with everything below it
-- column: metered_usd decimal(38,12) [usd]  metered cost
-- column: metered_czk decimal(38,18) [czk]  metered cost at the day's rate
-- column: effective_czk decimal(38,18) [czk]  invoices spread over the days they pay for; null without an invoice line
--         or where an amount has no rate
-- column: requests bigint [count]  successful requests
with days_covered as (
    select day
    from dates
    where
        day >= $start
        and day < $end
        and day <= (select cast(value as date) from setting where key = 'data_through_day')
),

usage_summed as (
    select
        day,
        unit,
        sum(metered_usd) as metered_usd,
        sum(metered_czk) as metered_czk,
        cast(sum(case when status = 'success' then requests else 0 end) as bigint) as requests,
    from usage_total_daily
    where
        day >= $start
        and day < $end
        and unit in (select unnest($units))
        and ($channel = 'all' or channel = $channel)
    group by day, unit
),

invoices_summed as (
    select
        i.day,
        c.ancestor as unit,
        case when count(i.effective_czk) = count(*) then sum(i.effective_czk) end as effective_czk,
    from invoice_day as i
    join unit_closure as c on c.unit = i.unit
    where i.day >= $start and i.day < $end and c.ancestor in (select unnest($units)) and $channel = 'all'
    group by i.day, c.ancestor
)

select
    d.day,
    u.unit,
    coalesce(s.metered_usd, 0) as metered_usd,
    coalesce(s.metered_czk, 0) as metered_czk,
    i.effective_czk,
    coalesce(s.requests, 0) as requests,
from days_covered as d
cross join unit as u
left join usage_summed as s on s.day = d.day and s.unit = u.unit
left join invoices_summed as i on i.day = d.day and i.unit = u.unit
where u.unit in (select unnest($units))
order by d.day, u.unit
