-- Chat turns of models the gateway serves, on days on which the gateway has no chat request at all: the gateway's log
-- of the day is missing, or these chats did not go through it.
-- remedy: backfill the gateway for the day, or list the models under direct_models
select t.day, count(*) as turns
from fact_chat_turn as t
join model as m on m.name = t.model and m.is_gateway and t.day >= m.gateway_from
where not exists (select 1 from coverage_daily as c where c.day = t.day and c.source <> t.source)
group by t.day
order by t.day
