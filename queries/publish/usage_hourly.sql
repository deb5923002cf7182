-- in the order it is kept: by day but for days made anew since
select
    day,
    hour,
    unit,
    channel,
    user_requests
from build.usage_hourly
