-- A team names a unit that the directory does not know: what it spends stands under UNKNOWN.
-- remedy: add the code to units.csv, or mend the team's metadata
select t.source, t.team_id, t.unit
from team as t
where t.unit is not null
    and not t.is_chat_ui
    and not exists (select 1 from unit_name as n where n.name = upper(t.unit))
order by 1, 2
