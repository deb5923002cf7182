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

INVOICE = _table(
    "invoice",  # one row per document: what it says of itself as a whole
    ("document_id",),
    document_id=TEXT,  # sha-256 of the file, or provider + API
    document_name=TEXT,  # file name or endpoint, for people
    kind=TEXT,  # invoice | credit_note | report (a provider's cost report: provisional) | flat (our own costs)
    provider=TEXT,
    invoice_id=TEXT,  # number of the invoice; null for reports
    invoice_issuer_name=TEXT,
    issuer_country=TEXT,  # ISO 3166, upper case; null = not stated
    issue_day=DAY,
    tax_point=DAY,  # day of taxable supply (DUZP); null: reports, and documents that don't say
    due_day=DAY,
    currency=TEXT,
    net_total=MONEY,  # as the document states them; null = not stated
    tax_total=MONEY,
    gross_total=MONEY,
    prepaid_total=MONEY,  # advances already paid and settled by this document
    corrects_invoice_id=TEXT,  # of a credit note or a corrected invoice
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
    tax_rate=WEIGHT,  # 0.21 for 21 %; null = not stated
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
    api_key_key=TEXT,  # pseudonym of the provider's key or of the gateway key the line is for; null = not stated
    credit_kind=TEXT,  # of prepaid credits and grants: purchase | burn_down | expiry | grant; null for all else
    unit=TEXT,  # direct owner where the document or the mapping names one
    is_amortised=BOOL,  # spread evenly over the charge period (flat costs, seats, prepaid)
)

PROVIDER_USAGE = _table(
    "provider_usage",  # quantities a provider reports, without money: for reconciliation, never added to invoice lines
    ("usage_id",),
    usage_id=TEXT,  # <document_id>#<ordinal or natural key>
    document_id=TEXT,
    document_name=TEXT,
    provider=TEXT,
    day=DAY,  # never null; the provider's own day, mostly UTC
    model=TEXT,
    sub_account_id=TEXT,  # project or workspace at the provider
    api_key_key=TEXT,  # pseudonym of the provider's key; null = not stated
    requests=INT,  # null = not stated, as for all counts
    input_tokens=INT,  # uncached input only, whatever the provider's own word includes
    cached_tokens=INT,
    cache_write_tokens=INT,
    output_tokens=INT,
    reasoning_tokens=INT,  # part of output
    web_searches=INT,
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

SEAT = _table(
    "seat",  # one row per product, day of report and holder: a snapshot of who held a seat, never overwritten
    ("product", "report_day", "holder_key"),
    product=TEXT,  # code of the plan, e.g. chatgpt-edu
    report_day=DAY,
    holder_key=TEXT,  # person_key of the holder, or a pseudonym of the hashed name that the report gives
    is_identified=BOOL,  # the holder is a person_key that other systems know too
    email_domain=TEXT,  # as ACCOUNT.email_domain
    assigned_day=DAY,  # null = not stated
    status=TEXT,  # assigned | pending | removed
    last_active_day=DAY,  # null = never or not stated, see activity_known
    is_activity_known=BOOL,
    period_start=DAY,  # stretch that `uses` counts; null for reports of dates alone
    period_end=DAY,  # exclusive
    uses=INT,  # messages within the period; null = not stated
    credits_used=MONEY,
    allowance=MONEY,  # what the seat includes in the period, in the unit of credits_used
)

SEAT_COUNT = _table(
    "seat_count",  # one row per product and day: seats bought or assigned where the report names nobody
    ("product", "day"),
    product=TEXT,
    day=DAY,
    bought=INT,  # null = not stated
    assigned=INT,
    active_1d=INT,
    active_7d=INT,
    active_28d=INT,
)

PLAN = _table(
    "plan",  # one row per plan and stretch of validity (reference/plans.csv)
    ("plan", "valid_from"),
    plan=TEXT,  # code, e.g. chatgpt-edu
    valid_from=DAY,
    valid_to=DAY,  # exclusive; null = open
    name=TEXT,
    vendor=TEXT,
    kind=TEXT,  # gateway | chat | coding | copilot
    currency=TEXT,
    seat_fee=MONEY,  # per seat and billing period, before discount and tax; null = not public
    billing_months=INT,  # 1 | 3 | 12: what one seat_fee pays for
    minimum_seats=INT,
    maximum_seats=INT,  # null = none
    commitment_months=INT,
    is_removable=BOOL,  # seats can be taken off within the term
    includes=TEXT,  # none | credits | messages | usd | unlimited
    allowance=MONEY,  # per seat and reset period in that unit; null for none and unlimited
    is_pooled=BOOL,
    reset=TEXT,  # month | week | term
    overage=TEXT,  # blocked | metered
    overage_price=MONEY,  # per unit of the allowance, in `currency`; null = the pay-as-you-go price
    discount=WEIGHT,  # 0 to 1
    source=TEXT,
    source_day=DAY,
    certainty=TEXT,  # high | medium | low
    note=TEXT,
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
    INVOICE, INVOICE_LINE, PROVIDER_USAGE, FX_RATE, UNIT, PERSON_UNIT, POPULATION, SERVICE_ACCOUNT,
    BUDGET, ANNOTATION, TARGET, PRICE, SEAT, SEAT_COUNT, PLAN,
)  # fmt: skip
