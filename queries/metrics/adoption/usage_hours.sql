-- title: When it is used
-- about: Successful requests of persons by local weekday and hour, paid by the unit.
-- grain: one row per weekday, hour and unit, all 168 hours of the week
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all
-- column: weekday integer [count]  1 = Monday
-- column: hour integer [count]  local hour, 0 to 23
-- column: unit varchar [text]  unit with everything below it
-- column: user_requests bigint [count]  requests persons asked for
with usage_summed as (
    select
        isodow(h.day) as weekday,
        h.hour,
        c.ancestor as unit,
        cast(sum(h.user_requests) as bigint) as user_requests,
    from usage_hourly as h
    join unit_closure as c on c.unit = h.unit
    where
        h.day >= $start
        and h.day < $end
        and c.ancestor in (select unnest($units))
        and ($channel = 'all' or h.channel = $channel)
    group by isodow(h.day), h.hour, c.ancestor
),

hours_listed as (
    select cast(w.n as integer) as weekday, cast(h.n as integer) as hour
    from range(1, 8) as w (n)
    cross join range(24) as h (n)
)

select
    h.weekday,
    h.hour,
    u.unit,
    coalesce(s.user_requests, 0) as user_requests,
from hours_listed as h
cross join unit as u
left join usage_summed as s on s.weekday = h.weekday and s.hour = h.hour and s.unit = u.unit
where u.unit in (select unnest($units))
order by h.weekday, h.hour, u.unit
