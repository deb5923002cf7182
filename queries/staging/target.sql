-- landing_target -> target: the file as it is now is the whole truth.
delete from target;

insert into target (unit, metric, day, value)
select unit, metric, day, value
from landing_target;
