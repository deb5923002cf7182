-- title: Models per month
-- about: Requests of persons, tokens and metered cost by model and month, of the days that lie in the period. A month
--        that is not over, or not wholly in the period, is marked.
-- grain: one row per month, unit and model used in the month
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all
-- column: month_start date [day]  first day of the month
-- column: unit varchar [text]  paying unit with everything below it
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: user_requests bigint [count]  successful requests persons asked for
-- column: billed_tokens bigint [tokens]  input + cached + cache write + output
-- column: metered_czk decimal(38,18) [czk]  metered cost before tax at each day's rate
-- column: is_complete boolean [text]  every day of the month lies in the period and is over
with usage_summed as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        unit,
        model,
        cast(sum(user_requests) as bigint) as user_requests,
        cast(sum(input_tokens + cached_tokens + cache_write_tokens + output_tokens) as bigint) as billed_tokens,
        sum(metered_czk) as metered_czk,
    from usage_total_daily
    where
        day >= $start
        and day < $end
        and unit in (select unnest($units))
        and ($channel = 'all' or channel = $channel)
    group by cast(date_trunc('month', day) as date), unit, model
)

select
    s.month_start,
    s.unit,
    s.model,
    coalesce(m.title, s.model) as title,
    s.user_requests,
    s.billed_tokens,
    s.metered_czk,
    s.month_start >= $start
    and s.month_start + interval 1 month <= least($end, cast(t.value as date) + 1) as is_complete,
from usage_summed as s
cross join (select value from setting where key = 'data_through_day') as t
left join model as m on m.model = s.model
order by s.month_start, s.unit, s.model
