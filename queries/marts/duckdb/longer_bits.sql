-- active_bits of the days in short_day as strings of $capacity places. They are not made anew, since who was active on
-- a folded day is known from them alone.
create or replace temp table longer_bits as
select
    day,
    dimension,
    member,
    persons || cast(repeat('0', cast($capacity as integer) - bit_length(persons)) as bit) as persons
from active_bits
where day in (select day from short_day);

delete from active_bits
where day in (select day from short_day);

insert into active_bits by name
select * from longer_bits order by dimension, member, day;

drop table longer_bits;
