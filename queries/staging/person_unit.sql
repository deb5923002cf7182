-- landing_person_unit -> person_unit: the file as it is now stands for the whole history it states.
delete from person_unit;

insert into person_unit (person_key, unit, role, weight, valid_from, valid_to)
select
    person_key,
    unit,
    coalesce(role, 'other'),
    coalesce(weight, 1),
    coalesce(valid_from, date '1900-01-01'),
    coalesce(valid_to, date '9999-12-31')
from landing_person_unit;
