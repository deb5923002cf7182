-- bought: the last statement of a count, else seats on an invoice of the plan, else no more than are held
with months_seen as (
    select product, cast(date_trunc('month', report_day) as date) as month_start, max(report_day) as report_day, true as is_named
    from build.fact_seat
    where kind = 'roster'
    group by 1, 2
    union all
    select product, cast(date_trunc('month', day) as date), max(day), false
    from build.fact_seat_count
    group by 1, 2
),

months_told as (
    select
        product,
        month_start,
        max(report_day) as report_day,
        bool_or(is_named) as is_named,
        month_start + interval 1 month as next_month
    from months_seen
    group by product, month_start
),

seats_counted as (
    select month_start, product, sum(seats) as assigned, count_if(is_active) as active
    from build.seat_month
    group by month_start, product
),

seats_stated as (  -- the last number that any report up to the month's end states
    select
        m.product,
        m.month_start,
        max_by(c.bought, c.day) filter (c.bought is not null) as bought,
        max_by(c.assigned, c.day) filter (c.assigned is not null and c.day >= m.month_start) as assigned,
        max_by(c.active_28d, c.day) filter (c.active_28d is not null and c.day >= m.month_start) as active
    from months_told as m
    join build.fact_seat_count as c on c.product = m.product and c.day < m.next_month
    group by m.product, m.month_start
),

seats_invoiced as (
    select m.product, m.month_start, cast(sum(l.consumed_quantity) as bigint) as bought
    from months_told as m
    join build.fact_invoice_line as l
        on lower(l.sku_id) = m.product
        and lower(l.consumed_unit) in ('seat', 'seats')
        and l.charge_period_start < m.next_month
        and l.charge_period_end > m.report_day
    group by m.product, m.month_start
),

plans_found as (
    select
        plan,
        valid_from,
        coalesce(lead(valid_from) over (partition by plan order by valid_from), valid_to, date '9999-12-31') as valid_to,
        currency,
        cast(seat_fee as decimal(18, 6)) * cast(1 - discount as decimal(7, 6)) as fee,
        billing_months
    from build.plan
),

fees_converted as (
    select
        p.plan,
        m.month_start,
        p.billing_months,
        p.fee * case when p.currency = 'CZK' then 1 else cast(r.czk_per_unit as decimal(12, 6)) end as fee_czk
    from months_told as m
    join plans_found as p on p.plan = m.product and m.report_day >= p.valid_from and m.report_day < p.valid_to
    left join build.rate_daily as r on r.day = m.report_day and r.currency = p.currency
)

select
    m.month_start,
    m.product,
    m.report_day,
    m.is_named,
    cast(coalesce(s.bought, i.bought, c.assigned, s.assigned) as bigint) as bought,
    case
        when s.bought is not null then 'count'
        when i.bought is not null then 'invoice'
        when coalesce(c.assigned, s.assigned) is not null then 'assigned'
    end as bought_origin,
    cast(coalesce(c.assigned, s.assigned) as bigint) as assigned,
    cast(coalesce(c.active, s.active) as bigint) as active,
    -- in millionths and whole numbers, since dividing decimals would make a float of the money
    cast(
        cast(cast(round(f.fee_czk, 6) * 1000000 as hugeint) // f.billing_months as decimal(18, 0)) * 0.000001
        as decimal(18, 6)
    ) as seat_czk
from months_told as m
left join seats_counted as c on c.product = m.product and c.month_start = m.month_start
left join seats_stated as s on s.product = m.product and s.month_start = m.month_start
left join seats_invoiced as i on i.product = m.product and i.month_start = m.month_start
left join fees_converted as f on f.plan = m.product and f.month_start = m.month_start
order by m.month_start, m.product
