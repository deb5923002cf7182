-- title: Unmapped names
-- about: Models, teams, groups and domains nobody has mapped: what to add to the reference files. Of how many people are in a group
--        nothing is told.
-- grain: one row per kind and name
-- access: university
-- column: kind varchar [text]  model, team, group or domain
-- column: name varchar [text]  as the source writes it
-- column: requests bigint [count]  requests that came under it; null: of a group, or of a few people
-- column: metered_usd decimal(38,12) [usd]  metered cost that came under it; null: as requests
select
    kind,
    name,
    requests,
    metered_usd,
from unmapped
order by kind, name
