"""Puts an invented world into a PostgreSQL database as LiteLLM would have: its tables, its spellings, its JSON."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from etl.demo.world import EMBEDDING, MARKER, PICO, Key, Request, World

HEALTH = "litellm-internal-health-check"
MASTER = "litellm_proxy_master_key"
GATEWAY_USER = "default_user_id"
_FOLDER = Path(__file__).parent
_ROWS_AT_ONCE = 2000
_COPY = """
copy "LiteLLM_SpendLogs" (
    request_id, call_type, api_key, spend, total_tokens, prompt_tokens, completion_tokens, "startTime", "endTime",
    "completionStartTime", model, model_id, model_group, custom_llm_provider, api_base, "user", metadata, cache_hit,
    cache_key, request_tags, team_id, end_user, requester_ip_address, messages, response, proxy_server_request,
    session_id, status, organization_id, request_duration_ms, created_at, updated_at, litellm_call_id
) from stdin
"""
_USERS = (
    'insert into "LiteLLM_UserTable" (user_id, user_alias, user_email, user_role, created_at)'
    " values (%s, %s, %s, %s, %s) on conflict do nothing"
)
_KEYS = (
    'insert into "LiteLLM_VerificationToken" (token, key_name, key_alias, user_id, team_id, created_at)'
    " values (%s, %s, %s, %s, %s, %s)"
)
_TEAMS = (
    'insert into "LiteLLM_TeamTable" (team_id, team_alias, metadata, created_at, updated_at)'
    " values (%s, %s, %s, %s, %s)"
)
_BURY_KEY = """
with gone as (delete from "LiteLLM_VerificationToken" where key_alias = %s returning *)
insert into "LiteLLM_DeletedVerificationToken" (
    id, token, key_name, key_alias, user_id, team_id, created_at, deleted_at
)
select token, token, key_name, key_alias, user_id, team_id, created_at, %s from gone
"""


def write_gateway(url: str, world: World) -> None:
    """Makes the tables in an empty database and fills them; deleted keys stand where LiteLLM moves them."""
    with psycopg.connect(url) as connection:
        make_tables(connection)
        add_people(connection, world)
        add_requests(connection, world, world.requests)
        connection.execute((_FOLDER / "gateway_indexes.sql").read_bytes())
        bury_keys(connection, (k for k in world.keys.values() if k.is_deleted), _midnight_after(world))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("analyze")


def make_tables(connection: psycopg.Connection) -> None:
    """The empty tables."""
    connection.execute((_FOLDER / "gateway_schema.sql").read_bytes())


def add_people(connection: psycopg.Connection, world: World) -> None:
    """Users, teams and keys; end users are known to the gateway from their first request on."""
    start = datetime.combine(world.first_day, datetime.min.time())
    cursor = connection.cursor()
    cursor.execute(_USERS, (GATEWAY_USER, None, None, "proxy_admin", start))
    users = [(p.gateway_account, p.name, p.email_at_gateway, "internal_user", p.created_at)
             for p in world.persons if p.gateway_account]  # fmt: skip
    cursor.executemany(_USERS, users)
    teams = [(t.team, t.alias, json.dumps({"faculty_code": t.unit} if t.unit else {}), start, start)
             for t in world.teams.values()]  # fmt: skip
    cursor.executemany(_TEAMS, teams)
    cursor.executemany(_KEYS, [_key_row(world, k) for k in world.keys.values()])


def _key_row(world: World, key: Key) -> Sequence[object]:
    owner = None if key.owner is None else world.persons[key.owner].gateway_account
    team = None if key.team is None else world.teams[key.team].team
    return key.token, f"sk-...{key.token[:4]}", key.alias, owner, team, key.created_at


def bury_keys(connection: psycopg.Connection, keys: Iterable[Key], when: datetime) -> None:
    """Deletes keys as LiteLLM does: they move to another table."""
    for key in keys:
        connection.execute(_BURY_KEY, (key.alias, when))


def add_requests(connection: psycopg.Connection, world: World, requests: Iterable[Request]) -> None:
    """Rows of "LiteLLM_SpendLogs", and end users not seen before."""
    writing = Lines(world)
    seen: set[str] = set()
    with connection.cursor().copy(_COPY) as copy:
        lines: list[str] = []
        for request in requests:
            lines.append(writing.line(request))
            if request.way in ("chat", "task", "embedding"):
                seen.add(writing.end_user(request))
            if len(lines) == _ROWS_AT_ONCE:
                copy.write("".join(lines))
                lines.clear()
        copy.write("".join(lines))
    connection.cursor().executemany(
        'insert into "LiteLLM_EndUserTable" (user_id) values (%s) on conflict do nothing', [(e,) for e in sorted(seen)]
    )


class Lines:
    """Requests as lines of COPY's text format; what is alike in many rows is made once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._content = json.dumps([{"role": "user", "content": f"{MARKER} question"}])
        self._answer = json.dumps({"choices": [{"message": {"content": f"{MARKER} answer"}}]})

    def end_user(self, request: Request) -> str:
        """The e-mail address in the chat UI's header, in one spelling or another."""
        assert request.person is not None
        person = self._world.persons[request.person]
        return person.email if request.output % 2 else person.email_at_gateway

    def line(self, r: Request) -> str:
        """One row, ended by a line break."""
        key, user, team, end_user = self._who(r)
        known = self._world.models.get(r.model)
        provider = known.provider if known else "openai"
        provider_model = known.provider_model if known else f"openai/{EMBEDDING}"
        prompt = r.input + r.cached + r.written
        start = _stamp(r.at)
        end = _stamp(r.at + timedelta(milliseconds=r.duration_ms))
        first = end if r.first_token_ms is None else _stamp(r.at + timedelta(milliseconds=r.first_token_ms))
        written = _stamp(written_at(r))
        status = "failure" if r.error else "success"
        hit = "True" if r.is_hit else "False" if r.error else "None"
        request_id = f"{r.request_id}_cache_hit{int(r.at.timestamp())}" if r.is_hit else r.request_id
        return (
            f"{request_id}\t{r.call_type}\t{key}\t{_dollars(r.spent_pico)}\t{prompt + r.output}\t{prompt}\t{r.output}\t"
            f"{start}\t{end}\t{first}\t{provider_model}\t{r.model}\t{r.model}\t{provider}\thttps://example.invalid/v1\t"
            f"{user}\t{self._metadata(r, key, prompt)}\t{hit}\t\t{self._tags(r)}\t{team}\t{end_user}\t192.0.2.7\t"
            f"{self._content}\t{self._answer}\t{{}}\t{r.request_id[9:]}\t{status}\t\t{r.duration_ms}\t"
            f"{written}\t{written}\t{r.request_id[9:]}\n"
        )

    def _who(self, r: Request) -> tuple[str, str, str, str]:
        """(api_key, user, team_id, end_user) as LiteLLM fills them: '' for what there is not."""
        if r.way == "health":
            return HEALTH, "", HEALTH, ""
        if r.way == "master":
            return MASTER, GATEWAY_USER, "", ""
        assert r.key is not None
        if r.way == "bad_key":
            return r.key, "", "", ""
        key = self._world.keys[r.key]
        team = self._world.teams[key.team].team if key.team else ""
        owner = None if key.owner is None else self._world.persons[key.owner].gateway_account
        return key.token, owner or "", team, self.end_user(r) if r.chat else ""

    def _tags(self, r: Request) -> str:
        if r.way == "health":
            return f'["{HEALTH}"]'
        if r.chat:
            return f'["owui","task={r.task or ""}","x-openwebui-chat-id: {r.chat}"]'
        return '["User-Agent: OpenAI","User-Agent: OpenAI/Python 2.20.0"]'

    def _metadata(self, r: Request, key: str, prompt: int) -> str:
        """LiteLLM's metadata, without the 9 kB of its price list; backslashes doubled for COPY."""
        alias = f'"{r.key}"' if r.key and r.way != "bad_key" else "null"
        error = "null"
        if r.error:
            error = (
                f'{{"error_class":"{r.error[0]}","error_code":"{r.error[1]}","error_message":"{MARKER} error",'
                f'"traceback":"{MARKER} traceback"}}'
            )
        return (
            f'{{"status":{f"{chr(34)}failure{chr(34)}" if r.error else "null"},"user_api_key":"{key}",'
            f'"user_api_key_alias":{alias},"user_api_key_team_alias":null,"user_agent":"python-httpx/0.28.1",'
            f'"usage_object":{_usage(r, prompt)},"cost_breakdown":{_costs(r)},"error_information":{error},'
            f'"original_model_group":"{r.requested}","attempted_fallbacks":{int(r.requested != r.model)},'
            f'"requester_ip_address":"192.0.2.7","spend_logs_metadata":{{"note":"{MARKER} note"}}}}'
        )


def _usage(r: Request, prompt: int) -> str:
    if r.error:
        return "{}"
    anthropic = f',"cache_read_input_tokens":{r.cached},"cache_creation_input_tokens":{r.written}' if r.written else ""
    return (
        f'{{"prompt_tokens":{prompt},"completion_tokens":{r.output},"total_tokens":{prompt + r.output},'
        f'"prompt_tokens_details":{{"cached_tokens":{r.cached},"cache_creation_tokens":{r.written}}},'
        f'"completion_tokens_details":{{"reasoning_tokens":{r.reasoning}}}{anthropic}}}'
    )


def _costs(r: Request) -> str:
    """The cost as reckoned; for a cache hit what it would have been. In floats, with their dust, as LiteLLM has it."""
    if r.error:
        return "null"
    total = _dollars(r.spent_pico or r.saved_pico)
    return f'{{"input_cost":{total}0000001,"output_cost":0.0,"total_cost":{total}0000001}}'


def _dollars(pico: int) -> str:
    return f"{pico // PICO}.{pico % PICO:012}"


def _stamp(moment: datetime) -> str:
    return moment.isoformat(" ", "milliseconds")


def written_at(request: Request) -> datetime:
    """When the gateway wrote the row: seconds after the answer, or hours where it had to wait."""
    return request.at + timedelta(milliseconds=request.duration_ms + request.delay_ms)


def _midnight_after(world: World) -> datetime:
    return datetime.combine(world.last_day + timedelta(1), datetime.min.time())
