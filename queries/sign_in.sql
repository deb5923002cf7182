select
    mark,
    person_no,
from sign_in
where mark in (select unnest($marks))
order by mark
