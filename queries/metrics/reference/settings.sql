-- title: Settings
-- about: What the university has set that figures depend on, and the state of the data.
-- grain: one row per key
-- access: all
-- column: key varchar [text]  name of the setting
-- column: value varchar [text]  its value as text
select
    key,
    value,
from setting
order by key
