-- title: Models
-- about: The models that were ever used, as they are counted.
-- grain: one row per model
-- access: all
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show
-- column: family varchar [text]  model family
-- column: provider varchar [text]  who made or sells it
-- column: hosting varchar [text]  commercial, self_hosted or unknown
-- column: is_mapped boolean [text]  it stands in the reference list
select
    model,
    title,
    family,
    provider,
    hosting,
    is_mapped,
from model
order by model
