-- title: Budgets
-- about: How much of each budget is metered so far, of budget periods that hold the day. Forecast: what is spent, and
--        for each day left of the period the mean daily spend of the 28 days before the last day with data (which may
--        not be over), fewer where data are younger; it knows nothing of terms and holidays. Metered cost before tax.
-- grain: one row per unit and budget period
-- access: faculty
-- param: day date  last day included
-- param: units list  units asked for
-- column: unit varchar [text]  unit with everything below it
-- column: period_start date [day]  first day of the budget
-- column: period_end date [day]  day after its last
-- column: amount_czk decimal(38,12) [czk]  the budget
-- column: spent_czk decimal(38,18) [czk]  metered within the period up to the day
-- column: spent_share double [share]  spent_czk / amount_czk, null for a budget of 0
-- column: elapsed_share double [share]  days of the period up to the day / all its days
-- column: forecast_czk decimal(38,6) [czk]  expected by the end of the period; null without 1 day of data before
-- column: exhausted_day date [day]  when spent_czk reached the amount, or is expected to; null if not in the period
-- column: note varchar [text]  the budget's note
with budgets_asked as (
    select unit, period_start, period_end, amount_czk, note
    from budget
    where $day >= period_start and $day < period_end and unit in (select unnest($units))
),

days_covered as (  -- up to where there are data, and the stretch of whole days that the mean is taken of
    select
        least($day, cast(value as date)) as through_day,
        least($day + 1, cast(value as date)) as mean_end,
        greatest(
            least($day + 1, cast(value as date)) - 28, (
                select min(day)
                from usage_total_daily
                where unit = (select value from setting where key = 'root_unit')
            )
        ) as mean_start,
    from setting
    where key = 'data_through_day'
),

spend_summed as (
    select u.unit, u.day, sum(u.metered_czk) as metered_czk
    from usage_total_daily as u
    where
        u.day <= $day
        and u.day >= least((select min(period_start) from budgets_asked), (select min(mean_start) from days_covered))
        and u.unit in (select unit from budgets_asked)
    group by u.unit, u.day
),

spend_accumulated as (
    select
        b.unit,
        s.day,
        b.amount_czk,
        sum(s.metered_czk) over (partition by b.unit order by s.day) as spent_czk,
    from budgets_asked as b
    join spend_summed as s on s.unit = b.unit and s.day >= b.period_start
),

spend_reached as (
    select
        unit,
        max(spent_czk) as spent_czk,
        min(case when spent_czk >= amount_czk then day end) as reached_day,
    from spend_accumulated
    group by unit
),

means_summed as (
    select s.unit, sum(s.metered_czk) as recent_czk
    from spend_summed as s
    cross join days_covered as d
    where s.day >= d.mean_start and s.day < d.mean_end
    group by s.unit
),

budgets_counted as (
    select
        b.unit,
        b.period_start,
        b.period_end,
        b.amount_czk,
        b.note,
        coalesce(r.spent_czk, 0) as spent_czk,
        r.reached_day,
        coalesce(m.recent_czk, 0) as recent_czk,
        greatest(d.through_day, b.period_start - 1) as through_day,
        nullif(greatest(d.mean_end - d.mean_start, 0), 0) as mean_days,
    from budgets_asked as b
    cross join days_covered as d
    left join spend_reached as r on r.unit = b.unit
    left join means_summed as m on m.unit = b.unit
),

budgets_projected as (
    select
        unit,
        period_start,
        period_end,
        amount_czk,
        note,
        spent_czk,
        reached_day,
        -- in millionths and whole numbers, since dividing decimals would make a float of the money
        spent_czk + cast(
            cast(
                cast(round(recent_czk, 6) * 1000000 as hugeint) * (period_end - through_day - 1) // mean_days
                as decimal(30, 0)
            ) * 0.000001
            as decimal(38, 6)
        ) as forecast_czk,
        through_day + cast(
            least(  -- far beyond any period, and still a day
                ceil(cast(amount_czk - spent_czk as double) * mean_days / nullif(cast(recent_czk as double), 0)), 36500
            ) as integer
        ) as projected_day,
    from budgets_counted
)

select
    unit,
    period_start,
    period_end,
    amount_czk,
    spent_czk,
    cast(spent_czk as double) / nullif(cast(amount_czk as double), 0) as spent_share,
    cast($day - period_start + 1 as double) / (period_end - period_start) as elapsed_share,
    cast(round(forecast_czk, 6) as decimal(38, 6)) as forecast_czk,
    case
        when reached_day is not null then reached_day
        when projected_day < period_end then projected_day
    end as exhausted_day,
    note,
from budgets_projected
order by unit, period_start
