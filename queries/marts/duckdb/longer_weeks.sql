-- active_weeks as strings of $capacity places.
create or replace temp table longer_weeks as
select
    week_start,
    unit,
    persons || cast(repeat('0', cast($capacity as integer) - bit_length(persons)) as bit) as persons
from active_weeks;

delete from active_weeks;

insert into active_weeks by name
select * from longer_weeks order by unit, week_start;

drop table longer_weeks;
