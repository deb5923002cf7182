-- dirty_bits_day: the days whose bit strings are made anew: the dirty ones, and days without use since the last one that
-- has a row.
-- kept_bits: the strings of those that were folded (etl/retention.py); usage no longer says who was active on them, so
-- they keep the persons they have and can only gain some.
-- counted_day: the days whose trailing 1, 7 and 28 days hold one of these.
create or replace temp table dirty_bits_day as
select day from dirty_day
union
select cast(g.day as date)
from (
    select
        unnest(
            range((select max(day) + 1 from active_daily), (select max(day) + 1 from usage_daily), interval 1 day)
        ) as day
) as g;

create or replace temp table counted_day as
select distinct cast(d.day + cast(o.days as integer) as date) as day
from dirty_bits_day as d, range(28) as o (days);

create or replace temp table kept_bits as
select *
from active_bits
where day in (select day from dirty_bits_day)
    and day < (select cast(value as date) from ops.setting where key = 'folded_before');

delete from active_bits
where day in (select day from dirty_bits_day);

delete from active_weeks
where week_start in (select cast(date_trunc('week', day) as date) from dirty_bits_day);

delete from active_daily
where day in (select day from counted_day);

delete from counted_day
where day > (select max(day) from usage_daily);
