-- landing_group_member -> group_membership. The source keeps no history: what is gone ends today, what is new begins
-- today, and an account's first known memberships are taken to have held from the beginning.
insert into account (account_key, person_key)
select distinct l.account_key, l.account_key
from landing_group_member as l
where not exists (select 1 from account as a where a.account_key = l.account_key)
order by l.account_key;

create or replace temp table listed_member as
select distinct a.account_no, l.group_name
from landing_group_member as l
join account as a on a.account_key = l.account_key;

create or replace temp table known_member as
select distinct account_no from group_membership where source = $source;

-- a membership that began and ended on the same day holds for no day
delete from group_membership
where source = $source
    and valid_to = date '9999-12-31'
    and valid_from >= $today
    and (account_no, group_name) not in (select account_no, group_name from listed_member);

update group_membership
set valid_to = $today
where source = $source
    and valid_to = date '9999-12-31'
    and (account_no, group_name) not in (select account_no, group_name from listed_member);

insert into group_membership (source, account_no, group_name, valid_from, valid_to)
select
    $source,
    m.account_no,
    m.group_name,
    case when k.account_no is null then date '1900-01-01' else $today end,
    date '9999-12-31'
from listed_member as m
left join known_member as k on k.account_no = m.account_no
where not exists (
    select 1
    from group_membership as g
    where g.source = $source
        and g.account_no = m.account_no
        and g.group_name = m.group_name
        and g.valid_to = date '9999-12-31'
)
order by m.account_no, m.group_name;
