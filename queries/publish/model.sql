select distinct model, title, family, provider, hosting, is_mapped, policy, data_category
from build.model
where exists (select 1 from build.usage_daily as u where u.model = model.model)
order by model
