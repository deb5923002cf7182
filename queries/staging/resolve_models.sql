-- landing_model (every name seen, as the reference file maps it) -> model; differences dirty the days of the name.
create or replace temp table new_model as
select
    l.name, l.model, l.title, l.family, l.provider, l.hosting, l.is_mapped,
    not l.is_direct and s.is_served as is_gateway,
    l.policy, l.data_category,
    case when not l.is_direct and s.is_served then s.served_from end as gateway_from
from landing_model as l
join model_name as s on s.name = l.name;

create or replace temp table changed_model as
select name from (
    (
        select * exclude (policy, data_category, gateway_from) from new_model
        except
        select * exclude (policy, data_category, gateway_from) from model
    )
    union all
    (
        select * exclude (policy, data_category, gateway_from) from model
        except
        select * exclude (policy, data_category, gateway_from) from new_model
    )
);

-- older requests came to light: the chat turns of the days between are the gateway's now
create or replace temp table changed_start as
select
    n.name,
    least(n.gateway_from, coalesce(o.gateway_from, date '1900-01-01')) as first_day,
    greatest(n.gateway_from, coalesce(o.gateway_from, date '1900-01-01')) as end_day
from new_model as n
join model as o on o.name = n.name and o.is_gateway
where n.is_gateway and n.gateway_from is distinct from o.gateway_from;

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
)
union
select distinct t.day
from fact_chat_turn as t
join changed_start as c on c.name = t.model and t.day >= c.first_day and t.day < c.end_day
union
select distinct e.day
from fact_ledger_event as e
left join workspace_model as w on w.workspace_model = e.model
join changed_start as c on c.name in (e.model, w.model) and e.day >= c.first_day and e.day < c.end_day;

delete from model;
insert into model by name select * from new_model order by name;
