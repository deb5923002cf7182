-- account, api_key, team, service_account -> account_rule, key_rule, team_rule. Each rule is derived afresh; where it
-- differs from the one before, the days of the requests it governs are dirtied.
create or replace temp table account_person as
select
    a.account_no,
    coalesce(c.person_key, b.person_key, a.person_key) as person_key  -- an alias may point to an address that is itself an alias
from account as a
left join account as b on b.account_key = a.person_key and b.account_key <> a.account_key
left join account as c on c.account_key = b.person_key and c.account_key <> b.account_key;

insert into person (person_key)
select distinct person_key
from account_person
where person_key not in (select person_key from person)
order by person_key;

create or replace temp table new_account_rule as
with listed_services as (
    select
        a.account_no,
        bool_or(s.match_key is not null or coalesce(l.is_service, false)) as is_service,
        min(s.unit) as unit
    from account_person as p
    join account as a on a.account_no = p.account_no
    left join service_account as s on s.kind = 'user' and s.match_key in (a.account_key, p.person_key)
    left join source_account as l on l.account_no = a.account_no
    group by a.account_no
)

select a.account_no, n.person_no, s.is_service, s.unit
from account_person as a
join person as n on n.person_key = a.person_key
join listed_services as s on s.account_no = a.account_no;

create or replace temp table changed_account as
select account_no from (
    (select * from new_account_rule except select * from account_rule)
    union all
    (select * from account_rule except select * from new_account_rule)
);

insert into ops.dirty_day
select distinct day from fact_request where user_account_no in (select account_no from changed_account)
union
select distinct day from fact_request where end_user_account_no in (select account_no from changed_account)
union
select distinct day from fact_chat_turn where account_no in (select account_no from changed_account)
union
select distinct day from fact_ledger_event where account_no in (select account_no from changed_account)
union
select distinct day from fact_rating where account_no in (select account_no from changed_account)
union
select distinct r.day
from fact_request as r
join api_key as k on k.key_no = r.key_no
where k.owner_account_no in (select account_no from changed_account);

delete from account_rule;
insert into account_rule select * from new_account_rule order by account_no;

create or replace temp table new_team_rule as
select
    t.source,
    t.team_id,
    bool_or(t.is_chat_ui) as is_chat_ui,
    bool_or(s.match_key is not null) as is_service,
    coalesce(min(s.unit), min(n.unit)) as unit
from team as t
left join landing_team_key as k on k.team_id = t.team_id
left join service_account as s on s.kind = 'team' and s.match_key = k.team_key
left join unit_name as n on n.name = upper(t.unit)
group by t.source, t.team_id;

create or replace temp table changed_team as
select source, team_id from (
    (select * from new_team_rule except select * from team_rule)
    union all
    (select * from team_rule except select * from new_team_rule)
);

create or replace temp table new_key_rule as
select
    k.key_no,
    any_value(k.owner_account_no) as owner_account_no,
    bool_or(k.is_chat_ui or coalesce(t.is_chat_ui, false)) as is_chat_ui,
    bool_or(s.match_key is not null or coalesce(t.is_service, false)) as is_service,
    coalesce(min(s.unit), min(case when not coalesce(t.is_chat_ui, false) then t.unit end)) as unit
from api_key as k
left join service_account as s
    on (s.kind = 'key_alias' and s.match_key = k.alias_key) or (s.kind = 'key' and s.match_key = k.api_key_key)
left join new_team_rule as t on t.source = k.source and t.team_id = k.team_id
group by k.key_no;

create or replace temp table changed_key as
select key_no from (
    (select * from new_key_rule except select * from key_rule)
    union all
    (select * from key_rule except select * from new_key_rule)
);

insert into ops.dirty_day
select distinct day from fact_request where key_no in (select key_no from changed_key)
union
select distinct r.day
from fact_request as r
join changed_team as c on c.source = r.source and c.team_id = r.team_id;

delete from team_rule;
insert into team_rule select * from new_team_rule order by source, team_id;
delete from key_rule;
insert into key_rule select * from new_key_rule order by key_no;
