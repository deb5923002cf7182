"""SQLite: the SELECT behind each view of `etl.sources.openwebui_projections`, newest generation first.

`json_valid` comes before every JSON function, since one malformed value would end the whole statement; in a CASE, since
SQLite may evaluate both sides of an AND.
"""

ANSWERS_FROM_MESSAGES = """
select
    m.id as id,
    m.user_id as user_id,
    case
        when substr(m.id, 1, length(m.chat_id) + 1) = m.chat_id || '-' then substr(m.id, length(m.chat_id) + 2)
        else m.id
    end as message_id,
    m.created_at as created_at,
    coalesce(m.updated_at, m.created_at) as updated_at,
    m.model_id as model,
    case when m.model_id = 'arena-model' then (
        select json_extract(e.value, '$.selectedModelId')
        from chat c, json_each(case when json_valid(c.chat) then c.chat else '{}' end, '$.history.messages') e
        where c.id = m.chat_id and e.key = substr(m.id, length(m.chat_id) + 2) and e.type = 'object'
    ) end as arena_model,
    case when json_valid(m.error) then json_type(m.error) not in ('null', 'false') else m.error is not null end
        as is_error,
    case when case when json_valid(m.usage) then json_type(m.usage) end = 'object' then json_extract(
        m.usage,
        '$.prompt_tokens', '$.completion_tokens', '$.prompt_tokens_details.cached_tokens',
        '$.prompt_tokens_details.cache_creation_tokens', '$.completion_tokens_details.reasoning_tokens',
        '$.input_tokens', '$.output_tokens', '$.input_tokens_details.cached_tokens',
        '$.output_tokens_details.reasoning_tokens', '$.cache_read_input_tokens', '$.cache_creation_input_tokens',
        '$.prompt_eval_count', '$.eval_count', '$.prompt_n', '$.predicted_n', '$.cache_n'
    ) end as usage
from chat_message m
where m.role = 'assistant' and m.user_id is not null and substr(m.user_id, 1, 7) <> 'shared-'
"""

ANSWERS_FROM_CHATS = """
select
    u.id as id,
    u.user_id as user_id,
    u.message_id as message_id,
    u.created_at as created_at,
    u.updated_at as updated_at,
    u.model as model,
    u.arena_model as arena_model,
    u.is_error as is_error,
    case when u.usage is not null then json_extract(
        u.usage,
        '$.prompt_tokens', '$.completion_tokens', '$.prompt_tokens_details.cached_tokens',
        '$.prompt_tokens_details.cache_creation_tokens', '$.completion_tokens_details.reasoning_tokens',
        '$.input_tokens', '$.output_tokens', '$.input_tokens_details.cached_tokens',
        '$.output_tokens_details.reasoning_tokens', '$.cache_read_input_tokens', '$.cache_creation_input_tokens',
        '$.prompt_eval_count', '$.eval_count', '$.prompt_n', '$.predicted_n', '$.cache_n'
    ) end as usage
from (
    select
        c.id || '-' || e.key as id,
        c.user_id as user_id,
        e.key as message_id,
        case when json_type(e.value, '$.timestamp') in ('integer', 'real')
            then cast(json_extract(e.value, '$.timestamp') as integer) else c.created_at end as created_at,
        c.updated_at as updated_at,
        json_extract(e.value, '$.model') as model,
        json_extract(e.value, '$.selectedModelId') as arena_model,
        coalesce(json_type(e.value, '$.error') not in ('null', 'false'), 0) as is_error,
        case
            when json_type(e.value, '$.usage') = 'object' then json_extract(e.value, '$.usage')
            when json_type(e.value, '$.info.usage') = 'object' then json_extract(e.value, '$.info.usage')
            when json_type(e.value, '$.info') = 'object' then json_extract(e.value, '$.info')
        end as usage
    from chat c, json_each(case when json_valid(c.chat) then c.chat else '{}' end, '$.history.messages') e
    where case when e.type = 'object' then json_extract(e.value, '$.role') end = 'assistant'
        and c.user_id is not null
        and substr(c.user_id, 1, 7) <> 'shared-'
) u
"""

RATINGS = """
select
    f.id as id,
    f.user_id as user_id,
    json_extract(f.meta, '$.message_id') as message_id,
    f.created_at as created_at,
    f.updated_at as updated_at,
    json_extract(f.data, '$.model_id') as model,
    json_extract(f.meta, '$.model_id') as picked_model,
    cast(json_extract(f.data, '$.rating') as text) as rating
from (
    select
        id, user_id, created_at, updated_at,
        case when json_valid(data) then data else '{}' end as data,
        case when json_valid(meta) then meta else '{}' end as meta
    from feedback
) f
"""

PERSONS = """
select
    u.id as id,
    u.email as email,
    (
        select cast(json_extract(e.value, '$.sub') as text)
        from json_each(case when json_valid(u.oauth) then u.oauth else '{}' end) e
        where case when e.type = 'object' then json_extract(e.value, '$.sub') end is not null
        order by e.key
        limit 1
    ) as sso_id,
    u.role as role,
    u.created_at as created_at
from user u
"""

PERSONS_OAUTH_SUB = """
select
    u.id as id,
    u.email as email,
    u.oauth_sub as sso_id,
    u.role as role,
    u.created_at as created_at
from user u
"""

PERSONS_PLAIN = """
select
    u.id as id,
    u.email as email,
    null as sso_id,
    u.role as role,
    u.created_at as created_at
from user u
"""

MEMBERSHIPS = """
select m.user_id as user_id, g.name as group_name
from group_member m join "group" g on g.id = m.group_id
"""

MEMBERSHIPS_IN_GROUP = """
select cast(e.value as text) as user_id, g.name as group_name
from "group" g, json_each(case when json_valid(g.user_ids) then g.user_ids else '[]' end) e
"""

BASE_MODELS = """
select m.id as id, m.base_model_id as base_model_id from model m
"""

NO_RATINGS = """
select
    null as id, null as user_id, null as message_id, 0 as created_at, 0 as updated_at,
    null as model, null as picked_model, null as rating
where 1 = 0
"""

NO_MEMBERSHIPS = "select null as user_id, null as group_name where 1 = 0"

NO_BASE_MODELS = "select null as id, null as base_model_id where 1 = 0"
