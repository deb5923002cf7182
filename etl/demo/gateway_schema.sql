-- The tables of LiteLLM 1.106 that usage statistics touch, column for column as its own migrations make them.
create table "LiteLLM_SpendLogs" (
    request_id text not null,
    call_type text not null,
    api_key text not null default '',
    spend double precision not null default 0.0,
    total_tokens integer not null default 0,
    prompt_tokens integer not null default 0,
    completion_tokens integer not null default 0,
    "startTime" timestamp(3) not null,
    "endTime" timestamp(3) not null,
    "completionStartTime" timestamp(3),
    model text not null default '',
    model_id text default '',
    model_group text default '',
    custom_llm_provider text default '',
    api_base text default '',
    "user" text default '',
    metadata jsonb default '{}',
    cache_hit text default '',
    cache_key text default '',
    request_tags jsonb default '[]',
    team_id text,
    end_user text,
    requester_ip_address text,
    messages jsonb default '{}',
    response jsonb default '{}',
    proxy_server_request jsonb default '{}',
    session_id text,
    status text,
    mcp_namespaced_tool_name text,
    organization_id text,
    agent_id text,
    request_duration_ms integer,
    created_at timestamp(3) not null default current_timestamp,
    updated_at timestamp(3) not null default current_timestamp,
    litellm_call_id text,
    billing_agent_id text
);

create table "LiteLLM_UserTable" (
    user_id text not null primary key,
    user_alias text,
    team_id text,
    sso_user_id text,
    organization_id text,
    password text,
    teams text[] default array[]::text[],
    user_role text,
    max_budget double precision,
    spend double precision not null default 0.0,
    user_email text,
    models text[],
    metadata jsonb not null default '{}',
    created_at timestamp(3) default current_timestamp,
    updated_at timestamp(3) default current_timestamp
);

create table "LiteLLM_EndUserTable" (
    user_id text not null primary key,
    alias text,
    spend double precision not null default 0.0,
    allowed_model_region text,
    default_model text,
    budget_id text,
    blocked boolean not null default false
);

create table "LiteLLM_VerificationToken" (
    token text not null primary key,
    key_name text,
    key_alias text,
    spend double precision not null default 0.0,
    expires timestamp(3),
    models text[],
    user_id text,
    team_id text,
    metadata jsonb not null default '{}',
    blocked boolean,
    max_budget double precision,
    organization_id text,
    created_at timestamp(3) default current_timestamp,
    created_by text,
    updated_at timestamp(3) default current_timestamp,
    last_active timestamp(3)
);

create table "LiteLLM_DeletedVerificationToken" (
    id text not null primary key,
    token text not null,
    key_name text,
    key_alias text,
    spend double precision not null default 0.0,
    expires timestamp(3),
    models text[],
    user_id text,
    team_id text,
    metadata jsonb not null default '{}',
    created_at timestamp(3),
    created_by text,
    updated_at timestamp(3),
    deleted_at timestamp(3) not null default current_timestamp,
    deleted_by text
);

create table "LiteLLM_TeamTable" (
    team_id text not null primary key,
    team_alias text,
    organization_id text,
    admins text[],
    members text[],
    members_with_roles jsonb not null default '{}',
    metadata jsonb not null default '{}',
    max_budget double precision,
    spend double precision not null default 0.0,
    models text[],
    blocked boolean not null default false,
    created_at timestamp(3) not null default current_timestamp,
    updated_at timestamp(3) not null default current_timestamp
);

create table "LiteLLM_DeletedTeamTable" (
    id text not null primary key,
    team_id text not null,
    team_alias text,
    organization_id text,
    members_with_roles jsonb not null default '{}',
    metadata jsonb not null default '{}',
    spend double precision not null default 0.0,
    created_at timestamp(3),
    updated_at timestamp(3),
    deleted_at timestamp(3) not null default current_timestamp,
    deleted_by text
);
