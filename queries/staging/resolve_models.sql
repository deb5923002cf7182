-- landing_model (every name seen, as the reference file maps it) -> model; differences dirty the days of the name.
create or replace temp table new_model as
select
    l.name, l.model, l.title, l.family, l.provider, l.hosting, l.is_mapped,
    not l.is_direct and s.is_served as is_gateway
from landing_model as l
join model_name as s on s.name = l.name;

create or replace temp table changed_model as
select name from (
    (select * from new_model except select * from model)
    union all
    (select * from model except select * from new_model)
);

insert into ops.dirty_day
select distinct day from fact_request where model in (select name from changed_model)
union
select distinct day from fact_chat_turn where model in (select name from changed_model)
union
select distinct day from fact_rating where model in (select name from changed_model);

delete from model;
insert into model select * from new_model order by name;
