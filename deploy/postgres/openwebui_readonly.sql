-- A PostgreSQL role that reads the usage of Open WebUI and can't read a word of what people wrote.
--
--     psql -v ON_ERROR_STOP=1 -d openwebui -f openwebui_readonly.sql      as the owner of Open WebUI's tables
--     psql -d openwebui -c '\password usage_reader'                       the password never stands in a file
--
-- then put postgresql://usage_reader:...@host/openwebui into the environment variable that `database_url_env` names.
--
-- Why views and not column grants: facts and content share columns. chat.chat holds the whole conversation beside the
-- arena's chosen model (before 0.8.0 beside every fact), feedback.data the comment beside the rating, chat_message.error
-- may quote the prompt. A grant on such a column is a grant on the content. So the role gets no table at all, only five
-- views that take the facts out of the JSON inside the database; `security_barrier` keeps a caller's own functions from
-- seeing rows the view leaves out. The views show e-mail addresses, which become pseudonyms when they are read.
--
-- Why not functions with `security definer`: their result is gathered whole before the first row is given, and each is
-- one more thing that runs with the owner's rights.
--
-- Before an UPGRADE of Open WebUI run `drop schema usage cascade;` and afterwards this script again: a migration can't
-- change a column that a view reads. Until then the source says that its views are missing and the old data stays.
--
-- Fits every version from 0.3 on: it looks at what is there. Runs as often as you like, all or nothing.
-- If the tables are not in schema public, put `set search_path = <their schema>;` before it.

begin;

do $role$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'usage_reader') then
        create role usage_reader login connection limit 5;
    end if;
    execute format('grant connect on database %I to usage_reader', current_database());
end
$role$;

alter role usage_reader set default_transaction_read_only = on;

drop schema if exists usage cascade;
create schema usage;

do $views$
declare
    oauth_column text := (
        select attname from pg_catalog.pg_attribute
        where attrelid = '"user"'::regclass and attname in ('oauth', 'oauth_sub') and not attisdropped
        order by attname
        limit 1
    );
begin
    if to_regclass('chat_message') is not null then
        execute $view$
create view usage.answer with (security_barrier) as
select
    u.id,
    u.user_id,
    case when left(u.id, length(u.chat_id) + 1) = u.chat_id || '-' then substr(u.id, length(u.chat_id) + 2)
        else u.id end as message_id,
    u.created_at,
    coalesce(u.updated_at, u.created_at) as updated_at,
    u.model_id as model,
    case when u.model_id = 'arena-model' then (
        select replace(c.chat::text, '\u0000', '\ufffd')::json
            -> 'history' -> 'messages' -> substr(u.id, length(u.chat_id) + 2) ->> 'selectedModelId'
        from chat c
        where c.id = u.chat_id
    ) end as arena_model,
    case when coalesce(json_typeof(u.error::json), 'null') = 'null' or u.error::text = 'false' then 0
        else 1 end as is_error,
    case when json_typeof(u.usage) = 'object' then (
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
) end as usage
from (
    select id, user_id, chat_id, created_at, updated_at, model_id, error, usage::json as usage
    from chat_message
    where role = 'assistant' and user_id is not null and left(user_id, 7) <> 'shared-'
) u
$view$;
    else
        execute $view$
create view usage.answer with (security_barrier) as
select
    u.id,
    u.user_id,
    u.message_id,
    u.created_at,
    u.updated_at,
    u.model,
    u.arena_model,
    u.is_error,
    case when json_typeof(u.usage) = 'object' then (
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
) end as usage
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
            replace(chat::text, '\u0000', '\ufffd')::json -> 'history' -> 'messages' as messages
        from chat
        where user_id is not null and left(user_id, 7) <> 'shared-'
    ) c
    cross join lateral json_each(case when json_typeof(c.messages) = 'object' then c.messages end) e
    where json_typeof(e.value) = 'object' and e.value ->> 'role' = 'assistant'
) u
$view$;
    end if;

    if to_regclass('feedback') is not null then
        execute $view$
create view usage.rating with (security_barrier) as
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
$view$;
    else
        execute $view$
create view usage.rating with (security_barrier) as
select
    null::text as id, null::text as user_id, null::text as message_id, 0::bigint as created_at,
    0::bigint as updated_at, null::text as model, null::text as picked_model, null::text as rating
where false
$view$;
    end if;

    if oauth_column = 'oauth' then
        execute $view$
create view usage.person with (security_barrier) as
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
$view$;
    elsif oauth_column = 'oauth_sub' then
        execute $view$
create view usage.person with (security_barrier) as
select u.id, u.email, u.oauth_sub as sso_id, u.role, u.created_at from "user" u
$view$;
    else
        execute $view$
create view usage.person with (security_barrier) as
select u.id, u.email, null::text as sso_id, u.role, u.created_at from "user" u
$view$;
    end if;

    if to_regclass('group_member') is not null then
        execute $view$
create view usage.membership with (security_barrier) as
select m.user_id, g.name as group_name
from group_member m join "group" g on g.id = m.group_id
$view$;
    elsif to_regclass('"group"') is not null then
        execute $view$
create view usage.membership with (security_barrier) as
select e.value as user_id, g.name as group_name
from "group" g
cross join lateral json_array_elements_text(
    case when json_typeof(g.user_ids::json) = 'array' then g.user_ids::json end
) e
$view$;
    else
        execute $view$
create view usage.membership with (security_barrier) as
select null::text as user_id, null::text as group_name where false
$view$;
    end if;

    if to_regclass('model') is not null then
        execute $view$
create view usage.base_model with (security_barrier) as
select m.id, m.base_model_id from model m
$view$;
    else
        execute $view$
create view usage.base_model with (security_barrier) as
select null::text as id, null::text as base_model_id where false
$view$;
    end if;
end
$views$;

revoke all on all tables in schema public from usage_reader;
grant usage on schema usage to usage_reader;
grant select on all tables in schema usage to usage_reader;

commit;
