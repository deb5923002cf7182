-- landing_annotation -> annotation: the file as it is now is the whole truth.
delete from annotation;

insert into annotation (day, kind, name_cs, name_en)
select distinct day, kind, name_cs, name_en
from landing_annotation;
