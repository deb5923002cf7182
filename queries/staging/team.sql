-- landing_team -> team; a team the gateway has forgotten stays as it was last seen.
insert into team (source, team_id, is_chat_ui, is_deleted)
select $source, l.team_id, false, false
from landing_team as l
where not exists (select 1 from team as t where t.source = $source and t.team_id = l.team_id)
order by l.team_id;

update team
set
    name = l.name,
    unit = l.unit,
    is_chat_ui = coalesce(l.is_chat_ui, false),
    is_deleted = coalesce(l.is_deleted, false)
from landing_team as l
where team.source = $source and team.team_id = l.team_id;
