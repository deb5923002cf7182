-- title: Coverage
-- about: How much of the requests and of the metered cost has a known person (service accounts count as known), unit
--        and model.
-- grain: one row per source of requests
-- access: all
-- param: start date  first day
-- param: end date  day after the last
-- column: source varchar [text]  its name in the configuration
-- column: requests bigint [count]  requests held
-- column: person_share double [share]  of the requests, with a known person
-- column: unit_share double [share]  of the requests, with a known unit
-- column: model_share double [share]  of the requests, with a mapped model; null where the others are of a few people
-- column: cost_person_share double [share]  of the metered cost, with a known person
-- column: cost_unit_share double [share]  of the metered cost, with a known unit
with coverage_summed as (
    select
        source,
        cast(sum(requests) as bigint) as requests,
        sum(requests_with_person) as requests_with_person,
        sum(requests_with_unit) as requests_with_unit,
        sum(requests_with_model) as requests_with_model,
        sum(metered_usd) as metered_usd,
        sum(metered_usd_with_person) as metered_usd_with_person,
        sum(metered_usd_with_unit) as metered_usd_with_unit,
    from coverage_daily
    where day >= $start and day < $end
    group by source
),

models_closed as (
    select count(*) as models
    from closed_cell as c
    join unmapped as m on m.kind = 'model' and m.name = c.member
    where c.breakdown = 'model' and c.unit = (select value from setting where key = 'root_unit')
)

select
    source,
    requests,
    cast(requests_with_person as double) / nullif(requests, 0) as person_share,
    cast(requests_with_unit as double) / nullif(requests, 0) as unit_share,
    case
        when (select models from models_closed) = 0 then cast(requests_with_model as double) / nullif(requests, 0)
    end as model_share,
    cast(metered_usd_with_person as double) / nullif(cast(metered_usd as double), 0) as cost_person_share,
    cast(metered_usd_with_unit as double) / nullif(cast(metered_usd as double), 0) as cost_unit_share,
from coverage_summed
order by source
