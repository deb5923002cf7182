-- person.bit_no: the next free places in the bit strings for persons whose first active day is among the dirty ones.
update person
set bit_no = n.bit_no
from (
    select
        p.person_no,
        (select coalesce(max(bit_no) + 1, 0) from person) + row_number() over (order by p.person_no) - 1 as bit_no
    from person as p
    where p.bit_no is null
        and p.person_no in (
            select u.person_no
            from usage_daily as u
            join dirty_day as d on d.day = u.day
            where u.user_requests > 0
        )
) as n
where n.person_no = person.person_no;
