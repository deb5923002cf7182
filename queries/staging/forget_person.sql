-- What is left of the accounts in `leaving` and of the person $person_no once their facts stand under others.
-- ops.forgotten has been written before; the person's days are counted anew. On folded days they stand in the bit
-- strings alone, which are kept when a day is made anew: their place in them is cleared.
insert into ops.dirty_day
select distinct day from leaving_day
union
select distinct day from person_daily where person_no = $person_no;

create or replace temp table leaving_bits as
select b.day, b.dimension, b.member, set_bit(b.persons, p.bit_no, 0) as persons
from active_bits as b
join person as p on p.person_no = $person_no and get_bit(b.persons, p.bit_no) = 1
where b.day < (select cast(value as date) from ops.setting where key = 'folded_before');

insert into ops.dirty_day
select distinct day from leaving_bits;

delete from active_bits
where (day, dimension, member) in (select (day, dimension, member) from leaving_bits);

insert into active_bits by name
select * from leaving_bits where bit_count(persons) > 0 order by dimension, member, day;

update api_key
set owner_account_no = a.account_no, alias_key = null
from (select max(account_no) as account_no from account where account_key = $heir) as a
where api_key.owner_account_no in (select account_no from leaving);

delete from sign_in where person_no = $person_no;
delete from group_membership where account_no in (select account_no from leaving);
delete from source_account where account_no in (select account_no from leaving);
delete from person_unit where person_key in (
    select account_key from account where account_no in (select account_no from leaving)
    union
    select person_key from account where account_no in (select account_no from leaving)
    union
    select person_key from person where person_no = $person_no
);
delete from account_rule where account_no in (select account_no from leaving);
delete from account where account_no in (select account_no from leaving);
delete from home_unit where person_no = $person_no;
delete from person where person_no = $person_no;
