"""The SQL of the LiteLLM database source, and every table and column it may name. Values come by parameters only."""

from collections.abc import Mapping
from pathlib import Path

LOG_TABLE = "LiteLLM_SpendLogs"
LOG_VIEW = "usage.gateway_request"  # made by deploy/postgres/litellm_readonly.sql; used instead of the table if there
REQUESTS = Path(__file__).with_name("litellm_requests.sql").read_text("utf-8")

# Every column we read, by table, with the type a missing one gets. Nothing that is not named here is ever selected.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    LOG_TABLE: {
        "request_id": "text", "startTime": "timestamp", "endTime": "timestamp", "completionStartTime": "timestamp",
        "created_at": "timestamp", "updated_at": "timestamp", "call_type": "text", "api_key": "text", "user": "text",
        "end_user": "text", "team_id": "text", "model_group": "text", "model": "text", "custom_llm_provider": "text",
        "status": "text", "metadata": "jsonb", "cache_hit": "text", "request_tags": "jsonb",
        "spend": "double precision", "prompt_tokens": "integer", "completion_tokens": "integer",
    },
    "LiteLLM_UserTable": {
        "user_id": "text", "sso_user_id": "text", "user_email": "text", "user_role": "text", "created_at": "timestamp",
    },
    "LiteLLM_EndUserTable": {"user_id": "text"},
    "LiteLLM_VerificationToken": {
        "token": "text", "key_alias": "text", "user_id": "text", "team_id": "text", "created_at": "timestamp",
    },
    "LiteLLM_DeletedVerificationToken": {
        "token": "text", "key_alias": "text", "user_id": "text", "team_id": "text", "created_at": "timestamp",
        "deleted_at": "timestamp",
    },
    "LiteLLM_TeamTable": {"team_id": "text", "team_alias": "text", "metadata": "jsonb"},
    "LiteLLM_DeletedTeamTable": {
        "team_id": "text", "team_alias": "text", "metadata": "jsonb", "deleted_at": "timestamp",
    },
}  # fmt: skip
NEEDED = {
    LOG_TABLE: ("request_id", "startTime", "api_key", "spend", "prompt_tokens", "completion_tokens", "metadata"),
    "LiteLLM_UserTable": ("user_id",),
    "LiteLLM_VerificationToken": ("token",),
    "LiteLLM_TeamTable": ("team_id",),
}

_FIND = 'find it with: select request_id from "LiteLLM_SpendLogs" where'
_COUNTS = "metadata -> 'usage_object' or 'cost_breakdown' holds a count or cost that is not one; allowed: JSON numbers"
ODD_ROWS = {  # words of PostgreSQL or Python: which field of a row they are about, and how to find the row
    "populate_composite": f"metadata must be a JSON object; {_FIND} jsonb_typeof(metadata) <> 'object'",
    "invalid input syntax for type numeric": _COUNTS,
    "integer out of range": _COUNTS,
    "numeric field overflow": f"spend must be below 1,000,000 USD; {_FIND} not (abs(spend) < 1e6), or run the script"
    " deploy/postgres/litellm_readonly.sql again, whose view passes over such a cost",
    "date value out of range": f'"startTime" must lie in the years 1 to 9999; {_FIND} "startTime" > now() + \'1 year\'',
}

# What this role may read: tables are found along the search path; columns without a grant count as missing.
READABLE = """
select c.relname, a.attname
from pg_catalog.pg_class as c
join pg_catalog.pg_attribute as a on a.attrelid = c.oid
where
    c.oid = to_regclass(format('%I', c.relname))
    and c.relname like 'LiteLLM\\_%'
    and a.attnum > 0
    and not a.attisdropped
    and has_column_privilege(c.oid, a.attnum, 'select')
"""
VIEW_IS_READABLE = "select coalesce(has_table_privilege(to_regclass($1), 'select'), false)"
PARAMETERS = """
select
    set_config('usage.window_start', $1, true),
    set_config('usage.window_end', $2, true),
    set_config('usage.since', $3, true),
    set_config('usage.unit_keys', $4, true)
"""
# A bound parameter would make the driver hold the whole answer; values therefore come by settings of the session.
IN_WINDOW = """
where
    started_at >= cast(current_setting('usage.window_start') as timestamp)
    and started_at < cast(current_setting('usage.window_end') as timestamp)"""
CHANGED = "\n    and updated_at >= cast(current_setting('usage.since') as timestamp)"
BOUNDS = 'select min("startTime"), max("startTime") from {requests}'
# The shipped view is a security barrier with an order of its own: min() and max() over it would unpack every row (7 s
# for 660,000 of them). Its first row is at hand by the index; its last one is sought in ever longer stretches.
FIRST_OF_VIEW = f"select min(started_at) from (select started_at from {LOG_VIEW} limit 1) as request"  # noqa: S608
LAST_OF_VIEW = f"""
select max(started_at) from {LOG_VIEW} where started_at >= cast(now() at time zone 'UTC' as timestamp) - interval '{{}}'
"""  # noqa: S608
STRETCHES = ("1 hour", "1 day", "8 days", "64 days", "512 days")
ACCOUNTS = """
select user_id, sso_user_id, user_email, user_role, created_at
from (
    select 1 as place, user_id, sso_user_id, user_email, user_role, created_at from ({LiteLLM_UserTable}) as u
    union all
    select 2, user_id, null, user_id, null, null from ({LiteLLM_EndUserTable}) as e
) as account
order by place, user_id
"""
KEYS = """
select token, key_alias, user_id, team_id, is_deleted, created_at
from (
    select token, key_alias, user_id, team_id, false as is_deleted, created_at, null as deleted_at
    from ({LiteLLM_VerificationToken}) as k
    union all
    select token, key_alias, user_id, team_id, true, created_at, deleted_at
    from ({LiteLLM_DeletedVerificationToken}) as d
) as api_key
order by is_deleted, deleted_at desc nulls last, token
"""
TEAMS = """
select
    team_id,
    team_alias,
    (
        select nullif(btrim(team.metadata ->> wanted.name), '')
        from jsonb_array_elements_text(cast(current_setting('usage.unit_keys') as jsonb))
            with ordinality as wanted (name, place)
        where nullif(btrim(team.metadata ->> wanted.name), '') is not null
        order by wanted.place
        limit 1
    ) as unit,
    is_deleted
from (
    select team_id, team_alias, metadata, false as is_deleted, null as deleted_at from ({LiteLLM_TeamTable}) as t
    union all
    select team_id, team_alias, metadata, true, deleted_at from ({LiteLLM_DeletedTeamTable}) as d
) as team
order by is_deleted, deleted_at desc nulls last, team_id
"""
