-- title: Errors of models
-- about: Failed requests by the class of error that the gateway names, and their share of all requests to the model,
--        failed ones included. Of the whole university.
-- grain: one row per model and error class
-- access: all
-- param: start date  first day
-- param: end date  day after the last
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: error_class varchar [text]  class of the error, unknown where the source does not say
-- column: failures bigint [count]  failed requests
-- column: requests bigint [count]  all requests to the model, failed ones included (the same in each of its rows)
-- column: failure_share double [share]  failures / requests
with errors_summed as (
    select model, error_class, cast(sum(failures) as bigint) as failures
    from error_daily
    where day >= $start and day < $end
    group by model, error_class
),

requests_summed as (
    select model, cast(sum(requests) as bigint) as requests
    from usage_total_daily
    where day >= $start and day < $end and unit = (select value from setting where key = 'root_unit')
    group by model
)

select
    e.model,
    coalesce(m.title, e.model) as title,
    e.error_class,
    e.failures,
    coalesce(r.requests, 0) as requests,
    cast(e.failures as double) / nullif(r.requests, 0) as failure_share,
from errors_summed as e
left join requests_summed as r on r.model = e.model
left join model as m on m.model = e.model
order by e.failures desc, e.model, e.error_class
