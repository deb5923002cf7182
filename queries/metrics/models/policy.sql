-- title: Models and policy
-- about: What a unit asked of each model and what the model's policy is: use of banned models comes first and is never
--        hidden. The data category is the highest that may be given to the model.
-- grain: one row per unit and model used
-- access: faculty
-- param: start date  first day
-- param: end date  day after the last
-- param: units list  units asked for
-- param: channel text = all  chat, api or all
-- column: unit varchar [text]  paying unit with everything below it
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: policy varchar [text]  allowed or banned, null where models.csv does not say
-- column: data_category varchar [text]  public, internal or sensitive, null where models.csv does not say
-- column: requests bigint [count]  successful requests
-- column: failures bigint [count]  failed requests
-- column: metered_usd decimal(38,12) [usd]  metered cost before tax
-- column: metered_czk decimal(38,18) [czk]  metered cost at each day's rate
-- column: request_share double [share]  of the unit's successful requests
with usage_summed as (
    select
        unit,
        model,
        cast(sum(case when status = 'success' then requests else 0 end) as bigint) as requests,
        cast(sum(case when status = 'success' then 0 else requests end) as bigint) as failures,
        sum(metered_usd) as metered_usd,
        sum(metered_czk) as metered_czk,
    from usage_total_daily
    where
        day >= $start
        and day < $end
        and unit in (select unnest($units))
        and ($channel = 'all' or channel = $channel)
    group by unit, model
)

select
    s.unit,
    s.model,
    coalesce(m.title, s.model) as title,
    m.policy,
    m.data_category,
    s.requests,
    s.failures,
    s.metered_usd,
    s.metered_czk,
    cast(s.requests as double) / nullif(sum(s.requests) over (partition by s.unit), 0) as request_share,
from usage_summed as s
left join model as m on m.model = s.model
order by s.unit, coalesce(m.policy, '') = 'banned' desc, s.requests desc, s.model
