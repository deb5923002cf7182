-- person.bit_no: the next free places in the bit strings for persons whose first active day is among the dirty ones. A
-- place that a forgotten person had (bits_given) is never given again; who stands for nobody needs none on folded days.
update person
set bit_no = n.bit_no
from (
    select
        s.person_no,
        greatest(
            (select coalesce(max(bit_no) + 1, 0) from person),
            (select coalesce(max(cast(value as integer)), 0) from ops.setting where key = 'bits_given')
        ) + row_number() over (order by s.person_no) - 1 as bit_no
    from (
        select distinct p.person_no
        from usage_daily as u
        join dirty_day as d on d.day = u.day
        join person as p on p.person_no = u.person_no
        where p.bit_no is null
            and u.user_requests > 0
            and not coalesce(
                starts_with(p.person_key, 'forgotten')
                and d.day < (select cast(value as date) from ops.setting where key = 'folded_before'),
                false
            )
    ) as s
) as n
where n.person_no = person.person_no;
