-- landing_api_key -> api_key; a key the gateway has forgotten stays as it was last seen.
insert into account (account_key, person_key)
select distinct l.owner_key, l.owner_key
from landing_api_key as l
where l.owner_key is not null
    and not exists (select 1 from account as a where a.account_key = l.owner_key)
order by l.owner_key;

insert into api_key (source, api_key_key, is_chat_ui, is_deleted, is_listed)
select $source, l.api_key_key, false, false, true
from landing_api_key as l
where not exists (select 1 from api_key as k where k.source = $source and k.api_key_key = l.api_key_key)
order by l.api_key_key;

update api_key
set
    alias_key = l.alias_key,
    owner_account_no = a.account_no,
    team_id = l.team_id,
    is_chat_ui = coalesce(l.is_chat_ui, false),
    is_deleted = coalesce(l.is_deleted, false),
    is_listed = true
from landing_api_key as l
left join account as a on a.account_key = l.owner_key
where api_key.source = $source and api_key.api_key_key = l.api_key_key;
