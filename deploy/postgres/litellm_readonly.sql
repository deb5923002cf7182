-- A role that reads what usage statistics need from LiteLLM's database, and can't read what people wrote.
--
--     psql "$LITELLM_DATABASE_URL" -v ON_ERROR_STOP=1 -f litellm_readonly.sql
--     psql "$LITELLM_DATABASE_URL" -c '\password sandbox_usage'
--
-- Run it as the owner of LiteLLM's tables who may create roles, with LiteLLM's schema first in the search path (public
-- unless you changed it). Run it again after an update of LiteLLM: a column that came since is then used.
--
-- Why a view for the requests and not grants on columns. Grants alone would do for messages, response,
-- proxy_server_request and requester_ip_address; but the token counts lie in the column metadata, and the same JSON
-- holds error texts and tracebacks (which quote what was sent), guardrail and search results, and the requester's
-- address. PostgreSQL can't grant a part of a JSON. The view hands over single fields of it and nothing else, and it
-- is a security barrier, so that a function in a reader's query never sees a row's other columns. It reads with its
-- owner's rights; the role itself has no right on "LiteLLM_SpendLogs". LiteLLM ships views on this table itself, so
-- its updates work with one; should an update ever refuse, `drop schema usage cascade`, update, and run this again.
--
-- The other tables hold no content; there the role gets single columns. Metadata of teams is one of them, because the
-- team's unit stands in it: keep secrets of logging call-backs out of it, or take that grant away and let the
-- directory files name the units.

do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'sandbox_usage') then
        create role sandbox_usage login connection limit 5;
    end if;
end
$$;
alter role sandbox_usage set default_transaction_read_only = on;
alter role sandbox_usage set statement_timeout = '30min';

create schema if not exists usage;
revoke all on schema usage from public;

do $script$
declare
    columns text;
begin
    -- What this version of LiteLLM lacks is null: status came with 1.70, created_at and updated_at with 1.99.
    select string_agg(
        case
            when a.attname is null then format('cast(null as %s) as %I', wanted.type, wanted.name)
            else format('%I', wanted.name)
        end,
        ', ' order by wanted.place
    )
    into columns
    from (
        values
            (1, 'request_id', 'text'),
            (2, 'startTime', 'timestamp'),
            (3, 'endTime', 'timestamp'),
            (4, 'completionStartTime', 'timestamp'),
            (5, 'created_at', 'timestamp'),
            (6, 'updated_at', 'timestamp'),
            (7, 'call_type', 'text'),
            (8, 'api_key', 'text'),
            (9, 'user', 'text'),
            (10, 'end_user', 'text'),
            (11, 'team_id', 'text'),
            (12, 'model_group', 'text'),
            (13, 'model', 'text'),
            (14, 'custom_llm_provider', 'text'),
            (15, 'status', 'text'),
            (16, 'metadata', 'jsonb'),
            (17, 'cache_hit', 'text'),
            (18, 'request_tags', 'jsonb'),
            (19, 'spend', 'double precision'),
            (20, 'prompt_tokens', 'integer'),
            (21, 'completion_tokens', 'integer')
    ) as wanted (place, name, type)
    left join pg_catalog.pg_attribute as a
        on a.attrelid = to_regclass('"LiteLLM_SpendLogs"') and a.attname = wanted.name and not a.attisdropped;

    execute 'create or replace view usage.gateway_request with (security_barrier) as with log as (select ' || columns
        || ' from "LiteLLM_SpendLogs") ' || $requests$
-- One row per request of the gateway, reduced to what usage statistics need; no content, no error text, no address.
--
-- `log` is "LiteLLM_SpendLogs" with the columns a version lacks filled by nulls (the caller writes that step).
-- One jsonb_to_record per row: it unpacks the stored JSON once, where every separate arrow would unpack it again;
-- arrows on the small objects it hands over are cheaper than a second record. Only small values are asked whether
-- they are objects at all (null, [] and "" are the odd ones), since to ask is to unpack. Money is rounded at 12 digits from the
-- number's shortest text, so that the database and the REST API give equal values (a cast of float8 to numeric keeps
-- 15 digits only). The order is given here, since a security barrier would hide from a reader's `order by` that the
-- index on "startTime" has it already, and millions of rows would be sorted on disk. This text stands word for word in deploy/postgres/litellm_readonly.sql; a test keeps them alike.
select
    log.request_id,
    log."startTime" as started_at,
    log."endTime" as ended_at,
    log."completionStartTime" as first_token_at,
    greatest(log.created_at, log.updated_at) as updated_at,
    log.call_type,
    log.api_key,
    log."user" as user_id,
    log.end_user,
    log.team_id,
    log.model_group,
    log.model as provider_model,
    extracted.original_model_group as requested_model,
    log.custom_llm_provider as provider,
    coalesce(nullif(log.status, ''), nullif(extracted.status, ''), 'success') as status,
    extracted.error_information ->> 'error_class' as error_class,
    extracted.error_information ->> 'error_code' as error_code,
    lower(log.cache_hit) = 'true' as is_cache_hit,
    log.request_tags ? 'owui'
        or jsonb_path_exists(log.request_tags, '$[*] ? (@ starts with "x-openwebui-")') as is_tagged_chat,
    log.request_tags ? 'litellm-internal-health-check' as is_tagged_health_check,
    substr(jsonb_path_query_first(log.request_tags, '$[*] ? (@ starts with "task=")') #>> '{}', 6) as task,
    extracted.user_api_key_alias as key_alias,
    extracted.user_api_key_team_alias as team_alias,
    case
        when log.spend > -1e6 and log.spend < 1e6
            then cast(cast(cast(log.spend as text) as numeric(18, 12)) as text)
        else cast(log.spend as text)  -- NaN, infinite: the reader takes it as unknown and says so
    end as metered_usd,
    case
        when lower(log.cache_hit) = 'true' and jsonb_typeof(extracted.cost_breakdown -> 'total_cost') = 'number'
            then cast(cast(extracted.cost_breakdown ->> 'total_cost' as numeric(18, 12)) as text)
    end as uncached_usd,
    log.prompt_tokens,
    log.completion_tokens as output_tokens,
    cast(greatest(
        cast(extracted.usage_object -> 'prompt_tokens_details' ->> 'cached_tokens' as numeric),
        cast(extracted.usage_object ->> 'cache_read_input_tokens' as numeric)
    ) as integer) as cached_tokens,
    cast(greatest(
        cast(extracted.usage_object -> 'prompt_tokens_details' ->> 'cache_creation_tokens' as numeric),
        cast(extracted.usage_object -> 'prompt_tokens_details' ->> 'cache_write_tokens' as numeric),
        cast(extracted.usage_object ->> 'cache_creation_input_tokens' as numeric)
    ) as integer) as cache_write_tokens,
    cast(cast(
        extracted.usage_object -> 'completion_tokens_details' ->> 'reasoning_tokens' as numeric
    ) as integer) as reasoning_tokens
from log
left join lateral jsonb_to_record(
    case
        when pg_column_size(log.metadata) > 100 then log.metadata
        when jsonb_typeof(log.metadata) = 'object' then log.metadata
    end
) as extracted (
    status text,
    original_model_group text,
    user_api_key_alias text,
    user_api_key_team_alias text,
    usage_object jsonb,
    cost_breakdown jsonb,
    error_information jsonb
) on true
order by log."startTime"
$requests$;
end
$script$;

grant usage on schema usage to sandbox_usage;
grant select on usage.gateway_request to sandbox_usage;

do $$
declare
    given record;
begin
    execute format('grant usage on schema %I to sandbox_usage', current_schema());
    for given in
        select wanted.name as table_name, string_agg(format('%I', a.attname), ', ') as columns
        from (
            values
                ('LiteLLM_UserTable', array['user_id', 'sso_user_id', 'user_email', 'user_role', 'created_at']),
                ('LiteLLM_EndUserTable', array['user_id']),
                ('LiteLLM_VerificationToken', array['token', 'key_alias', 'user_id', 'team_id', 'created_at']),
                ('LiteLLM_DeletedVerificationToken', array['token', 'key_alias', 'user_id', 'team_id', 'created_at', 'deleted_at']),
                ('LiteLLM_TeamTable', array['team_id', 'team_alias', 'metadata']),
                ('LiteLLM_DeletedTeamTable', array['team_id', 'team_alias', 'metadata', 'deleted_at'])
        ) as wanted (name, columns)
        join pg_catalog.pg_attribute as a
            on a.attrelid = to_regclass(format('%I', wanted.name))
            and a.attname = any(wanted.columns)
            and not a.attisdropped
        group by wanted.name
    loop
        execute format('grant select (%s) on %I to sandbox_usage', given.columns, given.table_name);
    end loop;
end
$$;
