r"""PostgreSQL: the SELECT behind each view of `etl.sources.openwebui_projections`, newest generation first.

deploy/postgres/openwebui_readonly.sql makes views of the same SELECTs; a test compares what the two give. JSON is cast
to `json`, whether the column is json, jsonb or (in old versions) text. An escaped U+0000 is legal in json but no
function can take such a document apart ("unsupported Unicode escape sequence"), hence the `replace` by U+FFFD.
"""

USAGE_FIELDS = """
    select json_build_array(
        r.prompt_tokens, r.completion_tokens, r.prompt_tokens_details -> 'cached_tokens',
        r.prompt_tokens_details -> 'cache_creation_tokens', r.completion_tokens_details -> 'reasoning_tokens',
        r.input_tokens, r.output_tokens, r.input_tokens_details -> 'cached_tokens',
        r.output_tokens_details -> 'reasoning_tokens', r.cache_read_input_tokens, r.cache_creation_input_tokens,
        r.prompt_eval_count, r.eval_count, r.prompt_n, r.predicted_n, r.cache_n
    )::text
    from json_to_record(u.usage) as r (
        prompt_tokens json, completion_tokens json, prompt_tokens_details json, completion_tokens_details json,
        input_tokens json, output_tokens json, input_tokens_details json, output_tokens_details json,
        cache_read_input_tokens json, cache_creation_input_tokens json,
        prompt_eval_count json, eval_count json, prompt_n json, predicted_n json, cache_n json
    )
"""

ANSWERS_FROM_MESSAGES = f"""
select
    u.id,
    u.user_id,
    case when left(u.id, length(u.chat_id) + 1) = u.chat_id || '-' then substr(u.id, length(u.chat_id) + 2)
        else u.id end as message_id,
    u.created_at,
    coalesce(u.updated_at, u.created_at) as updated_at,
    u.model_id as model,
    case when u.model_id = 'arena-model' then (
        select replace(c.chat::text, '\\u0000', '\\ufffd')::json
            -> 'history' -> 'messages' -> substr(u.id, length(u.chat_id) + 2) ->> 'selectedModelId'
        from chat c
        where c.id = u.chat_id
    ) end as arena_model,
    case when coalesce(json_typeof(u.error::json), 'null') = 'null' or u.error::text = 'false' then 0
        else 1 end as is_error,
    case when json_typeof(u.usage) = 'object' then ({USAGE_FIELDS}) end as usage
from (
    select id, user_id, chat_id, created_at, updated_at, model_id, error, usage::json as usage
    from chat_message
    where role = 'assistant' and user_id is not null and left(user_id, 7) <> 'shared-'
) u
"""  # noqa: S608  (constants only)

ANSWERS_FROM_CHATS = f"""
select
    u.id,
    u.user_id,
    u.message_id,
    u.created_at,
    u.updated_at,
    u.model,
    u.arena_model,
    u.is_error,
    case when json_typeof(u.usage) = 'object' then ({USAGE_FIELDS}) end as usage
from (
    select
        c.id || '-' || e.key as id,
        c.user_id,
        e.key as message_id,
        case when json_typeof(e.value -> 'timestamp') = 'number' then trunc((e.value ->> 'timestamp')::numeric)::bigint
            else c.created_at end as created_at,
        c.updated_at,
        e.value ->> 'model' as model,
        e.value ->> 'selectedModelId' as arena_model,
        case when coalesce(e.value ->> 'error', 'false') = 'false' then 0 else 1 end as is_error,
        case
            when json_typeof(e.value -> 'usage') = 'object' then e.value -> 'usage'
            when json_typeof(e.value -> 'info' -> 'usage') = 'object' then e.value -> 'info' -> 'usage'
            else e.value -> 'info'
        end as usage
    from (
        select
            id, user_id, created_at, updated_at,
            replace(chat::text, '\\u0000', '\\ufffd')::json -> 'history' -> 'messages' as messages
        from chat
        where user_id is not null and left(user_id, 7) <> 'shared-'
    ) c
    cross join lateral json_each(case when json_typeof(c.messages) = 'object' then c.messages end) e
    where json_typeof(e.value) = 'object' and e.value ->> 'role' = 'assistant'
) u
"""  # noqa: S608  (constants only)

RATINGS = r"""
select
    f.id,
    f.user_id,
    f.meta ->> 'message_id' as message_id,
    f.created_at,
    f.updated_at,
    f.data ->> 'model_id' as model,
    f.meta ->> 'model_id' as picked_model,
    f.data ->> 'rating' as rating
from (
    select
        id, user_id, created_at, updated_at, meta::json as meta,
        replace(data::text, '\u0000', '\ufffd')::json as data
    from feedback
) f
"""

PERSONS = """
select
    u.id,
    u.email,
    (
        select e.value ->> 'sub'
        from json_each(case when json_typeof(u.oauth::json) = 'object' then u.oauth::json end) e
        where e.value ->> 'sub' is not null
        order by e.key collate "C"
        limit 1
    ) as sso_id,
    u.role,
    u.created_at
from "user" u
"""

PERSONS_OAUTH_SUB = """
select u.id, u.email, u.oauth_sub as sso_id, u.role, u.created_at from "user" u
"""

PERSONS_PLAIN = """
select u.id, u.email, null::text as sso_id, u.role, u.created_at from "user" u
"""

MEMBERSHIPS = """
select m.user_id, g.name as group_name
from group_member m join "group" g on g.id = m.group_id
"""

MEMBERSHIPS_IN_GROUP = """
select e.value as user_id, g.name as group_name
from "group" g
cross join lateral json_array_elements_text(
    case when json_typeof(g.user_ids::json) = 'array' then g.user_ids::json end
) e
"""

BASE_MODELS = """
select m.id, m.base_model_id from model m
"""

NO_RATINGS = """
select
    null::text as id, null::text as user_id, null::text as message_id, 0::bigint as created_at,
    0::bigint as updated_at, null::text as model, null::text as picked_model, null::text as rating
where false
"""

NO_MEMBERSHIPS = "select null::text as user_id, null::text as group_name where false"

NO_BASE_MODELS = "select null::text as id, null::text as base_model_id where false"
