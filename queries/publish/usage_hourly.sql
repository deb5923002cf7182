select
    day,
    hour,
    unit,
    channel,
    user_requests
from build.usage_hourly
order by day, hour, unit, channel
