-- title: Cost by key and project
-- about: What was asked and metered under each gateway key of a unit. A key is named by its service account or its team;
--        the keys of single persons are one row, as are keys the gateway does not list. A person with several home units
--        pays here from the primary one alone, hence a unit's sum may differ from cost/by_unit; the university's does not.
-- grain: one row per unit, kind and name of key
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- column: unit varchar [text]  paying unit with everything below it
-- column: kind varchar [text]  chat, service, team, personal, key, unlisted, or none: requests without a key
-- column: name varchar [text]  service account or team; else the kind's own words, or key with a number
-- column: requests bigint [count]  successful requests through the gateway
-- column: failures bigint [count]  failed requests
-- column: metered_usd decimal(38,12) [usd]  metered cost before tax
-- column: metered_czk decimal(38,18) [czk]  metered cost at each day's rate
-- column: last_day date [day]  last day of use in the period
with keys_grouped as (
    select
        unit,
        kind,
        name,
        sum(requests) as requests,
        sum(failures) as failures,
        sum(metered_usd) as metered_usd,
        sum(metered_czk) as metered_czk,
        max(day) as last_day,
    from key_daily
    where day >= $start and day < $end
    group by unit, kind, name
)

select
    c.ancestor as unit,
    g.kind,
    g.name,
    cast(sum(g.requests) as bigint) as requests,
    cast(sum(g.failures) as bigint) as failures,
    sum(g.metered_usd) as metered_usd,
    sum(g.metered_czk) as metered_czk,
    max(g.last_day) as last_day,
from keys_grouped as g
join unit_closure as c on c.unit = g.unit
where c.ancestor in (select unnest($units))
group by c.ancestor, g.kind, g.name
order by c.ancestor, sum(g.metered_usd) desc, g.kind, g.name
