-- From which local day on the gateway has answered with a model: chat turns before it were made without the gateway.
alter table model_name add column served_from date;
alter table model add column gateway_from date;

update model_name
set served_from = r.first_day
from (
    select model, min(day) as first_day
    from fact_request
    where status = 'success'
    group by model
) as r
where r.model = model_name.name;
