select day, model, error_class, failures
from build.error_daily
order by day, model, error_class
