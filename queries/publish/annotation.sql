select day, kind, name_cs, name_en
from build.annotation
union
select day, kind, name_cs, name_en
from build.annotation_entered
order by day, kind, name_cs, name_en
