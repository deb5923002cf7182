-- What the dashboard can open: no pseudonym, no account, no key; persons are dense numbers that mean nothing elsewhere.
create table setting (  -- one row per key: published_at, timezone, root_unit, minimum_group, data_through_day, seat_* ...
    key varchar not null,
    value varchar not null
);

create table dates (  -- one row per local day, from the first fact to a year after the last
    day date not null,
    day_no integer not null,
    week_start date not null,
    month_start date not null,
    weekday integer not null,  -- 1 = Monday
    term varchar,
    term_week integer,
    is_weekend boolean not null,
    is_exam boolean not null,
    is_holiday boolean not null
);

create table calendar (
    kind varchar not null,
    name_cs varchar not null,
    name_en varchar not null,
    start_day date not null,
    end_day date not null
);

create table unit (  -- one row per unit; UNKNOWN, SHARED and UNALLOCATED are units of level 'special' under the root
    unit varchar not null,
    parent_unit varchar,
    level varchar not null,  -- university | faculty | department | special
    name_cs varchar not null,
    name_en varchar not null,
    cost_centre varchar
);

create table unit_closure (  -- one row per unit and each of its ancestors, itself included
    unit varchar not null,
    ancestor varchar not null
);

create table model (  -- one row per model as counted
    model varchar not null,
    title varchar not null,
    family varchar not null,
    provider varchar not null,
    hosting varchar not null,  -- commercial | self_hosted | unknown
    is_mapped boolean not null,
    policy varchar,  -- allowed | banned; null = not stated
    data_category varchar  -- public | internal | sensitive: the highest allowed; null = not stated
);

create table population (
    unit varchar not null,
    role varchar not null,
    valid_from date not null,
    valid_to date not null,
    persons bigint not null
);

create table rate_daily (
    day date not null,
    currency varchar not null,
    czk_per_unit decimal(18, 8) not null,
    published_day date not null,
    origin varchar not null
);

-- A unit's rows hold everything below it, the root's hold everything: ask for a unit, never sum over units.
create table usage_total_daily (  -- one row per day, unit, model, provider, channel, status, origin, is_service
    day date not null,
    unit varchar not null,
    model varchar not null,
    provider varchar not null,
    channel varchar not null,  -- chat | api
    status varchar not null,  -- success | failure
    origin varchar not null,  -- gateway | chat_ui
    is_service boolean not null,
    requests bigint not null,
    user_requests bigint not null,
    input_tokens bigint not null,
    cached_tokens bigint not null,
    cache_write_tokens bigint not null,
    output_tokens bigint not null,
    reasoning_tokens bigint not null,
    requests_without_tokens bigint not null,
    metered_usd decimal(38, 12) not null,
    metered_czk decimal(38, 18) not null,
    cache_saved_usd decimal(38, 12) not null,
    requests_without_cost bigint not null
);

create table person_month (  -- one row per month, person and primary home unit (two if they moved within the month)
    month_start date not null,
    person_no integer not null,
    unit varchar not null,
    role varchar not null,
    active_days integer not null,
    user_requests bigint not null,
    billed_tokens bigint not null,
    metered_usd decimal(38, 12) not null,
    metered_czk decimal(38, 18) not null
);

create table person (  -- one row per human with an account or an active day; unit and role as of the last data day
    person_no integer not null,
    bit_no integer,  -- place in the bit strings of active_bits; null: never active
    unit varchar not null,
    role varchar not null,
    has_account boolean not null,
    is_pending boolean not null,
    account_created_day date,
    first_active_day date
);

create table active_bits (  -- one row per day and member of a dimension that was active: bit string over bit_no
    day date not null,
    dimension varchar not null,  -- unit (ancestors included; the root stands for everybody) | model | channel | role
    member varchar not null,
    persons bit not null
);

create table active_weeks (  -- one row per Monday and unit: the unit's active_bits of the week, united
    week_start date not null,
    unit varchar not null,
    persons bit not null
);

create table seen_weeks (  -- one row per Monday up to the last day of data
    week_start date not null,
    persons bit  -- everybody who was active anywhere before it; null: nobody
);

create table active_daily (  -- one row per day and member: distinct persons in the trailing 1, 7 and 28 days
    day date not null,
    dimension varchar not null,
    member varchar not null,
    dau bigint not null,
    wau bigint not null,
    mau bigint not null
);

create table rating_daily (
    day date not null,
    unit varchar not null,
    model varchar not null,
    ratings_up bigint not null,
    ratings_down bigint not null
);

create table usage_hourly (
    day date not null,
    hour tinyint not null,
    unit varchar not null,
    channel varchar not null,
    user_requests bigint not null
);

create table coverage_daily (
    day date not null,
    source varchar not null,
    requests bigint not null,
    requests_with_person bigint not null,
    requests_with_unit bigint not null,
    requests_with_model bigint not null,
    metered_usd decimal(38, 12) not null,
    metered_usd_with_person decimal(38, 12) not null,
    metered_usd_with_unit decimal(38, 12) not null
);

create table invoice_day (  -- one row per provider's day, document, provider, service, model, category, unit, currency
    day date not null,
    document_name varchar not null,
    provider varchar not null,
    service_name varchar,
    model varchar,
    charge_category varchar not null,
    unit varchar not null,  -- direct owner, else UNALLOCATED
    billing_currency varchar not null,
    billed_cost decimal(38, 12) not null,
    effective_cost decimal(38, 12) not null,
    billed_czk decimal(38, 18),  -- null: no rate for the day
    effective_czk decimal(38, 18)
);

create table source_status (  -- one row per configured source
    source varchar not null,
    kind varchar not null,  -- gateway | chat | invoices | directory | fx
    last_success_at timestamp,
    last_attempt_at timestamp,
    last_status varchar,  -- DONE | FAILED | STARTED
    message varchar,
    rows bigint not null,
    first_day date,
    last_day date
);

create table source_day (  -- one row per source and local day with rows
    source varchar not null,
    day date not null,
    rows bigint not null
);

create table run (  -- the last 500 runs
    run_no bigint not null,
    job varchar not null,
    source varchar not null,
    status varchar not null,
    started_at timestamp not null,
    finished_at timestamp,
    rows_read bigint,
    rows_changed bigint,
    days_changed bigint,
    message varchar
);

create table note (
    source varchar not null,
    note varchar not null,
    noted_at timestamp not null
);

create table document (
    source varchar not null,
    name varchar not null,
    seen_at timestamp not null,
    lines bigint,  -- null: of reports of seats, which have one per holder
    error varchar
);

create table check_result (
    name varchar not null,
    severity varchar not null,
    checked_at timestamp not null,
    offending_rows bigint not null,
    example varchar
);

create table unmapped (  -- one row per name nobody has mapped: what to add to the reference files
    kind varchar not null,  -- model | team | group | domain
    name varchar not null,
    requests bigint,  -- null: of groups, whose members are not told
    metered_usd decimal(38, 12)
);

create table budget (  -- one row per unit and budget period
    unit varchar not null,
    period_start date not null,
    period_end date not null,  -- exclusive
    amount_czk decimal(38, 12) not null,
    note varchar
);

create table annotation (
    day date not null,
    kind varchar not null,  -- training | launch | outage | other
    name_cs varchar not null,
    name_en varchar not null
);

create table target (
    unit varchar not null,
    metric varchar not null,  -- mau | adoption_rate
    day date not null,
    value decimal(18, 6) not null
);

create table price (  -- one row per model and stretch of days; USD per 1,000,000 tokens, null = unknown
    model varchar not null,
    valid_from date not null,
    valid_to date not null,  -- exclusive
    kind varchar not null,  -- list | internal | shadow
    input_usd decimal(12, 6),
    cached_usd decimal(12, 6),
    cache_write_usd decimal(12, 6),
    output_usd decimal(12, 6),
    origin varchar not null,  -- prices.csv, or the package with its version
    noted_day date  -- when the package was asked; null for prices.csv
);

create table latency_daily (  -- one row per day, model, channel, measure and bucket
    day date not null,
    model varchar not null,
    channel varchar not null,
    measure varchar not null,  -- duration | first_token
    bucket integer not null,  -- exp(bucket / 10) to exp((bucket + 1) / 10) milliseconds
    requests bigint not null
);

create table error_daily (  -- one row per day, model and error class
    day date not null,
    model varchar not null,
    error_class varchar not null,
    failures bigint not null
);

create table key_daily (  -- one row per day, paying unit, kind and name of key, and model
    day date not null,
    unit varchar not null,
    kind varchar not null,  -- chat | service | team | personal | key | unlisted | none
    name varchar not null,
    model varchar not null,
    requests bigint not null,
    failures bigint not null,
    metered_usd decimal(38, 12) not null,
    metered_czk decimal(38, 18) not null
);
