-- title: Roles
-- about: Roles that people have by the directory, with or without a head-count.
-- grain: one row per role
-- access: all
-- column: role varchar [text]  role by the directory
with roles_united as (
    select role from person
    union
    select role from population
)

select role,
from roles_united
order by role
