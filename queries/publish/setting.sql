select key, value
from build.ops.setting
order by key
