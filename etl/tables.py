"""Landing tables: the one declaration of what every source hands over, as Arrow schemas.

A source may be PostgreSQL, a REST API or a file; what it yields is always one of these shapes, so two ways to the
same data (database and API) can't give different facts. Units are in the names (`_usd`, `_tokens`); instants end in
`_at` and are UTC without a zone; `*_key` columns hold keyed pseudonyms (see `etl.identity`) or None, never a raw id.
"""

from dataclasses import dataclass

import pyarrow as pa

TEXT = pa.string()
INT = pa.int64()
BOOL = pa.bool_()
DAY = pa.date32()
INSTANT = pa.timestamp("us")
USD = pa.decimal128(18, 12)
MONEY = pa.decimal128(38, 12)
RATE = pa.decimal128(18, 8)
WEIGHT = pa.decimal128(9, 6)
TARGETED = pa.decimal128(18, 6)
USD_PER_MILLION = pa.decimal128(12, 6)


@dataclass(frozen=True)
class Table:
    """A landing table: its name, the columns that identify a row within one source, and its Arrow schema."""

    name: str
    key: tuple[str, ...]
    schema: pa.Schema


def _table(name: str, key: tuple[str, ...], /, **columns: pa.DataType) -> Table:
    return Table(name, key, pa.schema([pa.field(c, t, nullable=c not in key) for c, t in columns.items()]))


REQUEST = _table(
    "request",
    ("request_id",),
    request_id=TEXT,
    started_at=INSTANT,  # never null; when the gateway received the request
    ended_at=INSTANT,
    first_token_at=INSTANT,
    updated_at=INSTANT,  # when the source last wrote the row; null where the source does not say
    call_type=TEXT,  # the gateway's own word: acompletion, aembedding, aresponses, ...
    api_key_key=TEXT,
    user_key=TEXT,  # whom the gateway names as the user; null for '' and for the gateway's own default user
    end_user_key=TEXT,
    team_id=TEXT,
    model=TEXT,  # the name people ask for (LiteLLM model_group); falls back to the provider's name
    requested_model=TEXT,  # differs from `model` after a fall-back
    provider_model=TEXT,  # as sent to the provider
    provider=TEXT,
    status=TEXT,  # success | failure
    error_class=TEXT,
    error_code=TEXT,
    is_cache_hit=BOOL,
    is_chat_ui=BOOL,  # the row's own tags say that it came from the chat UI
    is_health_check=BOOL,
    task=TEXT,  # background task of the chat UI (title_generation, ...); null for a person's own request
    metered_usd=USD,  # what the gateway computed; null = unknown
    uncached_usd=USD,  # what a cache hit would have cost; null otherwise
    input_tokens=INT,  # uncached input only
    cached_tokens=INT,
    cache_write_tokens=INT,
    output_tokens=INT,
    reasoning_tokens=INT,  # part of output
)

ACCOUNT = _table(
    "account",
    ("account_key",),
    account_key=TEXT,  # the id that requests and turns carry
    person_key=TEXT,  # the human behind it: pseudonym of e-mail, else of the SSO id, else of the account id itself
    email_domain=TEXT,  # only where it is a configured domain of the university, else null
    role=TEXT,  # the source's own word: pending, user, admin, internal_user ...
    is_pending=BOOL,
    is_service=BOOL,
    created_at=INSTANT,
)

API_KEY = _table(
    "api_key",
    ("api_key_key",),
    api_key_key=TEXT,
    alias_key=TEXT,  # pseudonym of the alias, so that reference files can name a key by its alias
    owner_key=TEXT,  # account that owns it
    team_id=TEXT,
    is_chat_ui=BOOL,
    is_deleted=BOOL,
    created_at=INSTANT,
)

TEAM = _table(
    "team",
    ("team_id",),
    team_id=TEXT,
    name=TEXT,  # e-mail addresses in it are masked
    unit=TEXT,  # unit code from the team's metadata, upper case, null if none
    is_chat_ui=BOOL,
    is_deleted=BOOL,
)

GROUP_MEMBER = _table(
    "group_member",
    ("account_key", "group_name"),
    account_key=TEXT,
    group_name=TEXT,  # e.g. fac:MFF, aff:staff; a snapshot: the whole membership as it is now
)

CHAT_TURN = _table(
    "chat_turn",
    ("account_key", "message_id"),
    account_key=TEXT,
    message_id=TEXT,  # clones repeat it, so it identifies a turn together with the account
    started_at=INSTANT,
    model=TEXT,  # base model behind a workspace model; the real one behind the arena
    workspace_model=TEXT,  # as the person picked it
    is_error=BOOL,
    input_tokens=INT,  # null = unknown (not 0)
    cached_tokens=INT,
    cache_write_tokens=INT,
    output_tokens=INT,
    reasoning_tokens=INT,
)

LEDGER_EVENT = _table(
    "ledger_event",  # Open WebUI's audit log: an optional second ledger that survives deletion
    ("event_id",),
    event_id=TEXT,
    account_key=TEXT,
    started_at=INSTANT,
    model=TEXT,
    channel=TEXT,  # chat (the UI's completions) | api (its API)
    input_tokens=INT,
    cached_tokens=INT,
    cache_write_tokens=INT,
    output_tokens=INT,
    reasoning_tokens=INT,
)

RATING = _table(
    "rating",
    ("rating_id",),
    rating_id=TEXT,
    account_key=TEXT,
    message_id=TEXT,
    rated_at=INSTANT,
    model=TEXT,
    rating=INT,  # -1 | 1
)

INVOICE_LINE = _table(
    "invoice_line",  # FOCUS names in snake case
    ("line_id",),
    line_id=TEXT,  # stable within the document: <document_id>#<ordinal or natural key>
    document_id=TEXT,  # sha-256 of the file, or provider + period for an API
    document_name=TEXT,  # file name or endpoint, for people
    provider=TEXT,  # openai | anthropic | google | azure | aws | e-infra | ...
    invoice_id=TEXT,
    invoice_issuer_name=TEXT,
    billing_currency=TEXT,  # ISO 4217, upper case
    billed_cost=MONEY,  # as billed, before tax; never null
    effective_cost=MONEY,  # null = same as billed
    list_cost=MONEY,  # null = unknown
    tax_cost=MONEY,
    billing_period_start=INSTANT,
    billing_period_end=INSTANT,
    charge_period_start=INSTANT,  # half-open, the provider's own days
    charge_period_end=INSTANT,
    charge_category=TEXT,  # Usage | Purchase | Tax | Credit | Adjustment
    charge_class=TEXT,  # null | Correction
    charge_description=TEXT,
    service_name=TEXT,
    sku_id=TEXT,
    model=TEXT,
    consumed_quantity=MONEY,
    consumed_unit=TEXT,
    sub_account_id=TEXT,  # project or workspace at the provider
    unit=TEXT,  # direct owner where the document or the mapping names one
    is_amortised=BOOL,  # spread evenly over the charge period (flat costs, seats, prepaid)
)

FX_RATE = _table(
    "fx_rate",
    ("day", "currency", "origin"),
    day=DAY,
    currency=TEXT,
    origin=TEXT,  # cnb | ecb
    czk_per_unit=RATE,  # already divided by the published amount
)

UNIT = _table(
    "unit",
    ("unit",),
    unit=TEXT,  # code, upper case, e.g. MFF
    parent_unit=TEXT,
    level=TEXT,  # university | faculty | department
    name_cs=TEXT,
    name_en=TEXT,
    cost_centre=TEXT,
)

PERSON_UNIT = _table(
    "person_unit",
    ("person_key", "unit", "valid_from"),
    person_key=TEXT,
    unit=TEXT,
    valid_from=DAY,
    valid_to=DAY,  # exclusive; null = open
    weight=WEIGHT,  # shares of a double affiliation, normalised to 1 when read
    role=TEXT,  # staff | student | other
)

POPULATION = _table(
    "population",
    ("unit", "role", "valid_from"),
    unit=TEXT,
    role=TEXT,
    valid_from=DAY,
    valid_to=DAY,
    persons=INT,
)

SERVICE_ACCOUNT = _table(
    "service_account",
    ("match_key",),
    match_key=TEXT,  # pseudonym of a key alias, a key hash, a team id or a user id / e-mail
    kind=TEXT,  # key_alias | key | team | user
    name=TEXT,
    unit=TEXT,  # who pays; null = shared
)

BUDGET = _table(
    "budget",
    ("unit", "period_start"),
    unit=TEXT,
    period_start=DAY,
    period_end=DAY,  # exclusive
    amount_czk=MONEY,
    note=TEXT,
)

ANNOTATION = _table(
    "annotation",
    ("day", "kind", "name_cs"),
    day=DAY,
    kind=TEXT,  # training | launch | outage | other
    name_cs=TEXT,
    name_en=TEXT,
)

TARGET = _table(
    "target",
    ("unit", "metric", "day"),
    unit=TEXT,
    metric=TEXT,  # mau | adoption_rate
    day=DAY,
    value=TARGETED,  # persons, or a share from 0 to 1
)

PRICE = _table(
    "price",
    ("model", "valid_from"),
    model=TEXT,  # as counted
    valid_from=DAY,
    kind=TEXT,  # list | internal | shadow
    input_usd=USD_PER_MILLION,  # null = unknown, never 0
    cached_usd=USD_PER_MILLION,
    cache_write_usd=USD_PER_MILLION,
    output_usd=USD_PER_MILLION,
)

TABLES: tuple[Table, ...] = (
    REQUEST, ACCOUNT, API_KEY, TEAM, GROUP_MEMBER, CHAT_TURN, LEDGER_EVENT, RATING,
    INVOICE_LINE, FX_RATE, UNIT, PERSON_UNIT, POPULATION, SERVICE_ACCOUNT,
    BUDGET, ANNOTATION, TARGET, PRICE,
)  # fmt: skip
