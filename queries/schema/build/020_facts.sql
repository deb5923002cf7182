-- What happened, as the sources said it. No primary keys: loads are merged by key within the days they touch.
create table fact_request (  -- one row per gateway request
    source varchar not null,
    request_key uhugeint not null,  -- md5 of the request id
    started_at timestamp not null,
    day date not null,  -- local
    hour tinyint not null,
    key_no integer,
    user_account_no integer,
    end_user_account_no integer,
    team_id varchar,
    model varchar not null,
    requested_model varchar not null,
    provider varchar not null,
    call_type varchar not null,
    status varchar not null,
    error_class varchar,
    is_cache_hit boolean not null,
    is_chat_ui boolean not null,
    is_health_check boolean not null,
    task varchar,
    metered_usd decimal(18, 12),
    uncached_usd decimal(18, 12),
    input_tokens bigint,
    cached_tokens bigint,
    cache_write_tokens bigint,
    output_tokens bigint,
    reasoning_tokens bigint,
    duration_ms integer,
    first_token_ms integer
);

create table fact_chat_turn (  -- one row per account and assistant message
    source varchar not null,
    turn_key uhugeint not null,  -- md5 of account and message id
    started_at timestamp not null,
    day date not null,
    hour tinyint not null,
    account_no integer not null,
    model varchar not null,
    workspace_model varchar not null,
    is_error boolean not null,
    input_tokens bigint,
    cached_tokens bigint,
    cache_write_tokens bigint,
    output_tokens bigint,
    reasoning_tokens bigint
);

create table fact_ledger_event (  -- one row per model use in the chat UI's audit log
    source varchar not null,
    event_key uhugeint not null,
    started_at timestamp not null,
    day date not null,
    hour tinyint not null,
    account_no integer not null,
    model varchar not null,
    channel varchar not null,
    input_tokens bigint,
    cached_tokens bigint,
    cache_write_tokens bigint,
    output_tokens bigint,
    reasoning_tokens bigint
);

create table fact_rating (  -- one row per rating
    source varchar not null,
    rating_key uhugeint not null,
    rated_at timestamp not null,
    day date not null,
    account_no integer not null,
    model varchar not null,
    rating tinyint not null  -- -1 | 1
);

create table fact_invoice_line (  -- one row per line of a document that counts
    line_id varchar not null,
    document_id varchar not null,
    document_name varchar not null,
    provider varchar not null,
    invoice_id varchar,
    invoice_issuer_name varchar,
    billing_currency varchar not null,
    billed_cost decimal(38, 12) not null,
    effective_cost decimal(38, 12) not null,
    list_cost decimal(38, 12),
    tax_cost decimal(38, 12),
    billing_period_start timestamp,
    billing_period_end timestamp,
    charge_period_start timestamp not null,
    charge_period_end timestamp not null,
    charge_category varchar not null,
    charge_class varchar,
    charge_description varchar,
    service_name varchar,
    sku_id varchar,
    model varchar,
    consumed_quantity decimal(38, 12),
    consumed_unit varchar,
    sub_account_id varchar,
    unit varchar not null,  -- direct owner, else UNALLOCATED
    is_amortised boolean not null
);

create table fact_invoice_day (  -- one row per line and provider's day; the days of a line add up to it exactly
    line_id varchar not null,
    document_id varchar not null,
    day date not null,
    billed_cost decimal(38, 12) not null,
    effective_cost decimal(38, 12) not null
);
