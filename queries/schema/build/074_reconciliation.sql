-- What the gateway counted by the providers' own days, and how metered cost turns into billed cost, cause by cause.
create table gateway_daily (  -- one row per local day, UTC day, provider, model and kind of requests at the gateway
    day date not null,  -- local
    utc_day date not null,  -- the providers' day
    provider varchar not null,
    model varchar not null,
    kind varchar not null,  -- plain | cached: cached tokens or cache writes among them | untold: failed, or tokens unknown
    requests bigint not null,  -- answers from the gateway's own cache are left out: no provider saw them
    input_tokens bigint not null,
    cached_tokens bigint not null,
    cache_write_tokens bigint not null,
    output_tokens bigint not null,
    metered_usd decimal(38, 12) not null
);

-- what was loaded before is counted with the next load: 072 has marked all days
create table gateway_account (  -- the gateway's own projects at the providers (configuration); empty: not told
    provider varchar not null,
    sub_account_id varchar not null
);

create table reconciliation (  -- one row per month, provider and step from metered to billed (docs/reconciliation.md)
    month_start date not null,
    provider varchar not null,
    position tinyint not null,
    cause varchar not null,  -- metered, the causes, billed_net, vat, billed
    usd decimal(38, 12) not null,
    czk decimal(38, 18) not null,
    note varchar  -- codes of what could not be known, separated by spaces
);
