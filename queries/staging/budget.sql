-- landing_budget -> budget: the file as it is now is the whole truth.
delete from budget;

insert into budget (unit, period_start, period_end, amount_czk, note)
select unit, period_start, period_end, amount_czk, note
from landing_budget;
