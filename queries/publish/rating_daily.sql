select
    day,
    unit,
    model,
    ratings_up,
    ratings_down
from build.rating_daily
order by day, unit, model
