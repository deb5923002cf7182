-- What the university plans and agreed on, what tokens cost, how fast and how often models answer, and who holds keys.
create table budget (  -- one row per unit and budget period; the periods of one unit don't overlap
    unit varchar not null,
    period_start date not null,
    period_end date not null,  -- exclusive
    amount_czk decimal(38, 12) not null,
    note varchar
);

create table annotation (  -- what happened on a day and is worth showing on a time axis
    day date not null,
    kind varchar not null,  -- training | launch | outage | other
    name_cs varchar not null,
    name_en varchar not null
);

create table target (  -- what a unit means to reach by a day
    unit varchar not null,
    metric varchar not null,  -- mau | adoption_rate
    day date not null,
    value decimal(18, 6) not null  -- persons, or a share from 0 to 1
);

create table price_listed (  -- prices.csv: stands before the public prices of the same model
    model varchar not null,
    valid_from date not null,
    kind varchar not null,  -- list | internal | shadow
    input_usd decimal(12, 6),  -- per 1,000,000 tokens; null = unknown
    cached_usd decimal(12, 6),
    cache_write_usd decimal(12, 6),
    output_usd decimal(12, 6)
);

create table price_public (  -- public list prices as they were known on noted_day; never edited, a change is a new row
    model varchar not null,
    valid_from date not null,
    input_usd decimal(12, 6),
    cached_usd decimal(12, 6),
    cache_write_usd decimal(12, 6),
    output_usd decimal(12, 6),
    origin varchar not null,  -- package and version
    noted_day date not null
);

alter table model add column policy varchar;  -- allowed | banned; null = not stated
alter table model add column data_category varchar;  -- public | internal | sensitive: the highest allowed

create table latency_daily (  -- one row per day, model, channel, measure and bucket with requests
    day date not null,
    model varchar not null,
    channel varchar not null,  -- chat | api
    measure varchar not null,  -- duration | first_token
    bucket integer not null,  -- holds exp(bucket / 10) to exp((bucket + 1) / 10) milliseconds; 0 holds less as well
    requests bigint not null
);

create table error_daily (  -- one row per day, model and error class with failures
    day date not null,
    model varchar not null,
    error_class varchar not null,  -- unknown where the source does not say
    failures bigint not null
);

create table key_daily (  -- one row per day, gateway key, paying unit and model
    day date not null,
    key_no integer,  -- null: a request without a key
    unit varchar not null,  -- as in usage_daily, but the primary home unit alone where a person has several
    model varchar not null,
    channel varchar not null,
    is_service boolean not null,
    requests bigint not null,  -- successful
    failures bigint not null,
    metered_usd decimal(38, 12) not null
);

-- what was loaded before these marts existed is counted again with the next load
insert into ops.dirty_day
select distinct day from fact_request
union
select distinct day from fact_chat_turn;
