-- What providers are owed, which unit it goes to by which rule, and which months are closed. No ids of lines or keys.
create table invoice (  -- the register: one row per document that counts
    document_name varchar not null,
    kind varchar not null,  -- invoice | credit_note | report | flat
    provider varchar not null,
    invoice_id varchar,
    invoice_issuer_name varchar,
    issuer_country varchar,
    issue_day date,
    tax_point date,
    due_day date,
    corrects_invoice_id varchar,
    currency varchar,  -- null: several
    net_total decimal(38, 12),  -- as the document states them; null = not stated
    tax_total decimal(38, 12),
    gross_total decimal(38, 12),
    prepaid_total decimal(38, 12),
    lines bigint not null,
    lines_net decimal(38, 12) not null,  -- all lines without tax, as billed
    purchased decimal(38, 12) not null,  -- of these, prepaid credit bought
    burned_down decimal(38, 12) not null,  -- use paid from prepaid credit: booked when that was bought
    expired decimal(38, 12) not null,  -- prepaid credit lost
    month_start date,  -- first month it is booked in; null: in none
    czk_per_unit decimal(18, 8),  -- null: several rates
    rate_day date,
    net_czk decimal(18, 2) not null,  -- booked
    vat_czk decimal(18, 2) not null,
    is_self_assessed boolean,
    state varchar not null,  -- booked | superseded | prepaid | later | no_rate | no_rule
    remedy varchar
);

create table allocation (  -- one row per ledger row: month, line of a document, unit and rule
    month_start date not null,
    origin_month date not null,  -- earlier than month_start in corrections of a closed month
    provider varchar not null,
    document_name varchar not null,
    invoice_id varchar,
    line_no integer not null,  -- of the document, from 1
    service_name varchar,
    model varchar,
    charge_category varchar,
    currency varchar,
    line_net decimal(38, 12),  -- the whole line in its currency; null: no longer booked
    booked_as varchar,  -- invoice | provisional; null: no longer booked
    unit varchar not null,
    net_czk decimal(18, 2) not null,
    vat_czk decimal(18, 2) not null,
    non_deductible_czk decimal(18, 2) not null,
    rule varchar not null,  -- owner | key | seats | metered | use | shares | even | unallocated
    basis varchar not null,
    share decimal(18, 12) not null,
    charge_class varchar  -- null | Correction
);

create table month_close (  -- one row per closing of a month; open again where reopened_at is set
    month_start date not null,
    closed_at timestamp not null,
    closed_by varchar not null,
    rule_version varchar not null,
    inputs_hash varchar not null,
    rows_hash varchar not null,
    net_czk decimal(18, 2) not null,
    vat_czk decimal(18, 2) not null,
    reopened_at timestamp,
    reopened_by varchar,
    reason varchar
);
