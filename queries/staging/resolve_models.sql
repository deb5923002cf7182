-- landing_model (every name seen, as the reference file maps it) -> model; differences dirty the days of the name.
create or replace temp table new_model as
select
    l.name, l.model, l.title, l.family, l.provider, l.hosting, l.is_mapped,
    not l.is_direct and s.is_served as is_gateway,
    l.policy, l.data_category
from landing_model as l
join model_name as s on s.name = l.name;

create or replace temp table changed_model as
select name from (
    (select * exclude (policy, data_category) from new_model except select * exclude (policy, data_category) from model)
    union all
    (select * exclude (policy, data_category) from model except select * exclude (policy, data_category) from new_model)
);

insert into ops.dirty_day
select distinct day from fact_request where model in (select name from changed_model)
union
select distinct day from fact_chat_turn where model in (select name from changed_model)
union
select distinct day from fact_rating where model in (select name from changed_model)
union
select distinct e.day
from fact_ledger_event as e
where e.model in (
    select name from changed_model
    union all
    select workspace_model from workspace_model where model in (select name from changed_model)
);

delete from model;
insert into model select * from new_model order by name;
