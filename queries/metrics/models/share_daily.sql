-- title: Models per day
-- about: Requests of persons by model and day; every model, so that shares can be taken of any selection.
-- grain: one row per day, unit and model used on the day
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all
-- column: day date [day]  local day
-- column: unit varchar [text]  paying unit with everything below it
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: user_requests bigint [count]  successful requests persons asked for
with usage_summed as (
    select day, unit, model, cast(sum(user_requests) as bigint) as user_requests
    from usage_total_daily
    where
        day >= $start
        and day < $end
        and user_requests > 0
        and unit in (select unnest($units))
        and ($channel = 'all' or channel = $channel)
    group by day, unit, model
)

select
    s.day,
    s.unit,
    s.model,
    coalesce(m.title, s.model) as title,
    s.user_requests,
from usage_summed as s
left join model as m on m.model = s.model
order by s.day, s.unit, s.model
