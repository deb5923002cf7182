select day, kind, name_cs, name_en
from build.annotation
order by day, kind, name_cs, name_en
