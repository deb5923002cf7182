select
    day,
    source,
    requests,
    requests_with_person,
    requests_with_unit,
    requests_with_model,
    metered_usd,
    metered_usd_with_person,
    metered_usd_with_unit
from build.coverage_daily
order by day, source
