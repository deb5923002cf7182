-- From metered to billed, step by step, and what became of prepaid credits.
create table reconciliation (  -- one row per month, provider and step
    month_start date not null,
    provider varchar not null,
    position tinyint not null,
    cause varchar not null,  -- metered, the causes, billed_net, vat, billed
    usd decimal(38, 12) not null,
    czk decimal(38, 18) not null,
    note varchar  -- codes of what could not be known, separated by spaces
);

create table credit (  -- one row per month, provider, currency and what became of prepaid credits or grants
    month_start date not null,
    provider varchar not null,
    currency varchar not null,
    credit_kind varchar not null,  -- purchase | burn_down | expiry | grant
    amount decimal(38, 12) not null,
    czk decimal(38, 18)  -- at the rate of the first day charged; null: no rate
);

-- By model or project it would tell what single people used: that stays with the metrics that withhold such rows.
create table charge (  -- one row per month, unit, document, service, rule and kind of charge (docs/focus.md)
    month_start date not null,  -- month booked; of credit used, the month of use
    unit varchar not null,
    provider varchar not null,
    invoice_issuer_name varchar,
    invoice_id varchar,
    charge_category varchar not null,
    charge_class varchar,
    charge_description varchar,  -- of our own flat costs alone
    charge_frequency varchar not null,  -- One-Time | Recurring | Usage-Based
    charge_period_start timestamp not null,
    charge_period_end timestamp not null,
    service_name varchar,
    billed_czk decimal(18, 2) not null,
    effective_czk decimal(38, 12) not null,
    list_czk decimal(38, 12),  -- null: unknown
    vat_czk decimal(18, 2) not null,
    non_deductible_czk decimal(18, 2) not null,
    rule varchar not null,
    basis varchar not null,
    booked_as varchar,  -- invoice | provisional
    origin_month date not null,
    currency varchar
);
