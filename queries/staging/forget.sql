-- fact_* of the accounts in $accounts, of days before $before -> anonymous accounts, one per set of home units, so that
-- every unit keeps its usage and cost; nobody's days are told apart from those of others who left the same units.
create or replace temp table leaving as
select cast(unnest($accounts) as integer) as account_no;

create or replace temp table leaving_home as
select
    l.account_no,
    h.valid_from,
    h.valid_to,
    'forgotten ' || string_agg(h.unit || ' ' || h.role || ' ' || h.weight, ', ' order by h.unit, h.role) as account_key
from leaving as l
join account_rule as r on r.account_no = l.account_no
join home_unit as h on h.person_no = r.person_no
group by l.account_no, h.valid_from, h.valid_to;

insert into account (account_key, person_key)
select account_key, account_key
from (
    select account_key from leaving_home
    union
    select 'forgotten'
)
where account_key not in (select account_key from account)
order by account_key;

insert into forgotten_home
select distinct e.account_key, h.unit, h.role, h.weight
from leaving_home as e
join account_rule as r on r.account_no = e.account_no
join home_unit as h on h.person_no = r.person_no and h.valid_from = e.valid_from
where e.account_key not in (select account_key from forgotten_home);

-- a call under a person's own key often names nobody: the key's owner stands behind it
update fact_request
set user_account_no = k.owner_account_no
from api_key as k
where k.key_no = fact_request.key_no
    and fact_request.user_account_no is null
    and fact_request.end_user_account_no is null
    and not k.is_chat_ui
    and not fact_request.is_chat_ui
    and k.owner_account_no in (select account_no from leaving)
    and fact_request.day < $before;

create or replace temp table leaving_day as
with used as (
    select user_account_no as account_no, day from fact_request
    union
    select end_user_account_no, day from fact_request
    union
    select account_no, day from fact_chat_turn
    union
    select account_no, day from fact_ledger_event
    union
    select account_no, day from fact_rating
    union
    select account_no, report_day from fact_seat
)

select u.account_no, u.day, a.account_no as new_account_no
from used as u
join leaving as l on l.account_no = u.account_no
left join leaving_home as h on h.account_no = u.account_no and u.day >= h.valid_from and u.day < h.valid_to
join account as a on a.account_key = coalesce(h.account_key, 'forgotten')
where u.day < $before;

update fact_request
set user_account_no = d.new_account_no
from leaving_day as d
where d.account_no = fact_request.user_account_no and d.day = fact_request.day;

update fact_request
set end_user_account_no = d.new_account_no
from leaving_day as d
where d.account_no = fact_request.end_user_account_no and d.day = fact_request.day;

update fact_chat_turn
set account_no = d.new_account_no
from leaving_day as d
where d.account_no = fact_chat_turn.account_no and d.day = fact_chat_turn.day;

update fact_ledger_event
set account_no = d.new_account_no
from leaving_day as d
where d.account_no = fact_ledger_event.account_no and d.day = fact_ledger_event.day;

update fact_rating
set account_no = d.new_account_no
from leaving_day as d
where d.account_no = fact_rating.account_no and d.day = fact_rating.day;

update fact_seat
set account_no = d.new_account_no
from leaving_day as d
where d.account_no = fact_seat.account_no and d.day = fact_seat.report_day;
