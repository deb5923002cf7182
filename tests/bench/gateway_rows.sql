-- Rows of the real shape (LiteLLM 1.106.2), invented and without content; bench.rows says how many.
create table "LiteLLM_SpendLogs" (
    request_id text not null, call_type text not null, api_key text default '' not null, spend double precision default 0 not null,
    total_tokens integer default 0 not null, prompt_tokens integer default 0 not null, completion_tokens integer default 0 not null,
    "startTime" timestamp(3) not null, "endTime" timestamp(3) not null, "completionStartTime" timestamp(3),
    model text default '' not null, model_id text default '', model_group text default '', custom_llm_provider text default '', api_base text default '',
    "user" text default '', metadata jsonb default '{}', cache_hit text default '', cache_key text default '', request_tags jsonb default '[]',
    team_id text, end_user text, requester_ip_address text, messages jsonb default '{}', response jsonb default '{}', proxy_server_request jsonb default '{}',
    session_id text, status text, organization_id text, request_duration_ms integer,
    created_at timestamp(3) not null default current_timestamp, updated_at timestamp(3) not null default current_timestamp);
insert into "LiteLLM_SpendLogs"
select 'chatcmpl-' || md5(i::text), 'acompletion', md5('k' || i % 3000) || md5('k' || i % 3000), (i % 997) * 0.0000137,
 (i % 4000) + (i % 900), i % 4000, i % 900, t, t + interval '2 seconds', t + interval '0.5 seconds',
 'openai/gpt-5.4-mini', md5('m' || i % 12) || md5('m' || i % 12), 'gpt-5.4-mini', 'openai', 'https://api.openai.com/v1',
 'user' || i % 20000 || '@cuni.cz',
 jsonb_build_object('status', null, 'user_agent', 'OpenAI/Python 2.20.0', 'max_retries', 0, 'usage_object', jsonb_build_object('total_tokens', (i % 4000) + (i % 900), 'prompt_tokens', i % 4000, 'completion_tokens', i % 900,
   'prompt_tokens_details', jsonb_build_object('text_tokens', null, 'audio_tokens', 0, 'cached_tokens', (i % 4000) / 2, 'image_tokens', null),
   'completion_tokens_details', jsonb_build_object('text_tokens', i % 900, 'audio_tokens', 0, 'reasoning_tokens', (i % 900) / 3)),
   'user_api_key', md5('k' || i % 3000), 'user_api_key_alias', 'key-' || i % 3000, 'user_api_key_team_alias', 'Team ' || i % 60, 'user_api_key_user_id', 'user' || i % 20000 || '@cuni.cz', 'user_api_key_team_id', md5('t' || i % 60),
   'cost_breakdown', jsonb_build_object('input_cost', (i % 997) * 0.0000100, 'output_cost', (i % 997) * 0.0000037, 'total_cost', (i % 997) * 0.0000137, 'original_cost', (i % 997) * 0.0000137, 'margin_percent', 0, 'discount_amount', 0, 'tool_usage_cost', 0),
   'original_model_group', 'gpt-5.4-mini', 'attempted_fallbacks', 0, 'attempted_retries', 0, 'litellm_call_id', md5('c' || i), 'error_information', null, 'requester_ip_address', '10.0.0.1', 'litellm_overhead_time_ms', i % 97 * 0.731,
   'model_map_information', jsonb_build_object('model_map_key', 'gpt-5.4-mini', 'model_map_value', (select jsonb_object_agg('price_field_' || j || '_per_token', case when j % 4 = 0 then to_jsonb(j * 0.0000001) else 'null'::jsonb end) from generate_series(1, 30) j)),
   'additional_usage_values', jsonb_build_object('speed', null, 'service_tier', 'default', 'prompt_tokens_details', jsonb_build_object('cached_tokens', (i % 4000) / 2))),
 case when i % 50 = 0 then 'True' else 'False' end, md5('x' || i), jsonb_build_array('User-Agent: OpenAI', 'User-Agent: OpenAI/Python 2.20.0'),
 md5('t' || i % 60), case when i % 2 = 0 then 'user' || i % 20000 || '@cuni.cz' else '' end, '10.0.0.1', '{}', '{}', '{}', md5('s' || i), 'success', '', 2000, t + interval '4 seconds', t + interval '4 seconds'
from generate_series(1, cast(current_setting('bench.rows') as integer)) i, lateral (select timestamp '2026-01-01' + i * interval '1 second' as t) x;
create index on "LiteLLM_SpendLogs" ("startTime");
