select
    day,
    currency,
    czk_per_unit,
    published_day,
    origin
from build.rate_daily
order by currency, day
