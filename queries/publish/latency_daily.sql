select day, model, channel, measure, bucket, requests
from build.latency_daily
order by day, model, channel, measure, bucket
