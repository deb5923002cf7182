-- What pages ask of. Rebuilt for the days whose facts changed; never edited by hand.
create table usage_daily (  -- one row per day, person, paying unit, model, provider, channel, status and origin
    day date not null,
    person_no integer,  -- null: a service account or nobody known
    is_service boolean not null,
    unit varchar not null,  -- who pays: service account's, key's or team's unit, else the person's, else UNKNOWN
    model varchar not null,
    provider varchar not null,
    channel varchar not null,  -- chat | api
    status varchar not null,  -- success | failure
    origin varchar not null,  -- gateway | chat_ui: a turn that never went through the gateway
    requests bigint not null,
    user_requests bigint not null,  -- successful and asked for by a person
    input_tokens bigint not null,
    cached_tokens bigint not null,
    cache_write_tokens bigint not null,
    output_tokens bigint not null,
    reasoning_tokens bigint not null,
    requests_without_tokens bigint not null,  -- tokens unknown
    metered_usd decimal(38, 12) not null,
    metered_czk decimal(38, 18),  -- null only within a load: checks/fail/rate_missing refuses it
    cache_saved_usd decimal(38, 12) not null,
    requests_without_cost bigint not null  -- cost unknown, not zero
);

create table person_daily (  -- one row per day and person with any use, also failed or in the background
    day date not null,
    person_no integer not null,
    unit varchar not null,  -- primary home unit on the day
    role varchar not null,
    user_requests bigint not null,
    billed_tokens bigint not null,
    metered_usd decimal(38, 12) not null,
    metered_czk decimal(38, 18)
);

create table active_bits (  -- one row per day and member of a dimension: who was active, as a bit string over bit_no
    day date not null,
    dimension varchar not null,  -- unit (ancestors included) | model | channel | role
    member varchar not null,
    persons bit not null using compression zstd  -- a tenth of the size; snapshots are read four times as fast without
);

create table active_daily (  -- one row per day and member: distinct persons in the trailing 1, 7 and 28 days
    day date not null,
    dimension varchar not null,
    member varchar not null,
    dau bigint not null,
    wau bigint not null,
    mau bigint not null
);

create table rating_daily (  -- one row per day, unit and model
    day date not null,
    unit varchar not null,
    model varchar not null,
    ratings_up bigint not null,
    ratings_down bigint not null
);

create table usage_hourly (  -- one row per day, hour, paying unit and channel: persons' own requests
    day date not null,
    hour tinyint not null,
    unit varchar not null,
    channel varchar not null,
    user_requests bigint not null
);

create table coverage_daily (  -- one row per day and source of requests
    day date not null,
    source varchar not null,
    requests bigint not null,
    requests_with_person bigint not null,  -- service accounts count as known
    requests_with_unit bigint not null,
    requests_with_model bigint not null,
    metered_usd decimal(38, 12) not null,
    metered_usd_with_person decimal(38, 12) not null,
    metered_usd_with_unit decimal(38, 12) not null
);
