-- title: Cost per month
-- about: Metered cost (before tax, CZK at each day's rate) and, apart from it, the invoices' cost, of the days that lie
--        in the period. A month that isn't over, or not wholly in the period, is marked.
-- grain: one row per month and unit
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all; invoices are of no channel
-- column: month_start date [day]  first day of the month
-- column: unit varchar [text]  paying unit with everything below it
-- column: metered_usd decimal(38,12) [usd]  metered cost
-- column: metered_czk decimal(38,18) [czk]  metered cost at each day's rate
-- column: effective_czk decimal(38,18) [czk]  invoices spread over the days they pay for; null without an invoice line
--         or where an amount has no rate
-- column: is_complete boolean [text]  every day of the month lies in the period and is over
with months_covered as (
    select
        d.month_start,
        d.month_start >= $start
        and d.month_start + interval 1 month <= least($end, cast(any_value(s.value) as date) + 1) as is_complete,
    from dates as d
    cross join (select value from setting where key = 'data_through_day') as s
    where d.day >= $start and d.day < $end and d.day <= cast(s.value as date)
    group by d.month_start
),

usage_summed as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        unit,
        sum(metered_usd) as metered_usd,
        sum(metered_czk) as metered_czk,
    from usage_total_daily
    where
        day >= $start
        and day < $end
        and unit in (select unnest($units))
        and ($channel = 'all' or channel = $channel)
    group by cast(date_trunc('month', day) as date), unit
),

invoices_summed as (
    select
        cast(date_trunc('month', i.day) as date) as month_start,
        c.ancestor as unit,
        case when count(i.effective_czk) = count(*) then sum(i.effective_czk) end as effective_czk,
    from invoice_day as i
    join unit_closure as c on c.unit = i.unit
    where i.day >= $start and i.day < $end and c.ancestor in (select unnest($units)) and $channel = 'all'
    group by cast(date_trunc('month', i.day) as date), c.ancestor
)

select
    m.month_start,
    u.unit,
    coalesce(s.metered_usd, 0) as metered_usd,
    coalesce(s.metered_czk, 0) as metered_czk,
    i.effective_czk,
    m.is_complete,
from months_covered as m
cross join unit as u
left join usage_summed as s on s.month_start = m.month_start and s.unit = u.unit
left join invoices_summed as i on i.month_start = m.month_start and i.unit = u.unit
where u.unit in (select unnest($units))
order by m.month_start, u.unit
