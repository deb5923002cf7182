-- landing_population -> population.
delete from population;

insert into population (unit, role, valid_from, valid_to, persons)
select unit, coalesce(role, 'other'), coalesce(valid_from, date '1900-01-01'), coalesce(valid_to, date '9999-12-31'), persons
from landing_population;
