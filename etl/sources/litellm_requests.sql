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
