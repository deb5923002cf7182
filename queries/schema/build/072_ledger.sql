-- What is booked in CZK, which unit it goes to, and which months are closed (docs/allocation.md, adr/0004).
create table booked_document (  -- one row per document, month, currency and rate: its total in CZK, to the haléř
    document_id varchar not null,
    provider varchar not null,
    month_start date not null,
    basis varchar not null,  -- invoice | provisional
    currency varchar not null,
    net decimal(38, 12) not null,
    czk_per_unit decimal(18, 8) not null,
    rate_day date not null,  -- when the rate was published; the tax point itself for CZK
    net_czk decimal(18, 2) not null,
    vat_czk decimal(18, 2) not null
);

create table booked_line (  -- one row per invoice line and month booked; the lines of a document add up to it exactly
    line_id varchar not null,
    document_id varchar not null,
    provider varchar not null,
    month_start date not null,  -- month of the tax point; of reports and flat costs the month of the charge
    basis varchar not null,  -- invoice | provisional
    currency varchar not null,
    net decimal(38, 12) not null,
    czk_per_unit decimal(18, 8) not null,
    rate_day date not null,
    net_czk decimal(18, 2) not null,
    tax_rate decimal(9, 6) not null,
    vat_czk decimal(18, 2) not null,
    is_self_assessed boolean not null,
    is_deductible boolean not null  -- the unit's deductible share applies; false: VAT of another country
);

create table not_booked (  -- one row per document and month that is not booked, or not as a whole, and why
    document_id varchar not null,
    month_start date not null,
    state varchar not null,  -- superseded | prepaid | later | no_rate | no_rule
    remedy varchar  -- null where nothing needs to be done
);

create table allocated (  -- what the booked lines come to by unit as of now; closed months too
    month_start date not null,
    line_id varchar not null,
    document_id varchar not null,
    unit varchar not null,
    net_czk decimal(18, 2) not null,
    vat_czk decimal(18, 2) not null,
    non_deductible_czk decimal(18, 2) not null,
    rule varchar not null,
    basis varchar not null,
    share decimal(18, 12) not null
);

create sequence ledger_run_no;

create table allocation (  -- what stands in the ledger by unit; rows of a closed month never change
    month_start date not null,
    origin_month date not null,  -- month whose lines it is about; earlier than month_start in corrections
    line_id varchar not null,
    document_id varchar not null,
    provider varchar not null,
    document_name varchar not null,  -- kept here: a closed month outlives the document it was closed with
    line_no integer not null,  -- of the document, from 1
    service_name varchar,
    model varchar,
    unit varchar not null,  -- UNALLOCATED: what no rule could place
    net_czk decimal(18, 2) not null,
    vat_czk decimal(18, 2) not null,
    non_deductible_czk decimal(18, 2) not null,  -- of vat_czk
    rule varchar not null,  -- owner | key | seats | metered | use | shares | even | unallocated
    basis varchar not null,  -- in words, for people
    share decimal(18, 12) not null,  -- of the line, rounded for display
    charge_class varchar,  -- null | Correction: what came to light after its month was closed
    run_no bigint not null
);

create table month_close (  -- one row per closing of a month
    month_start date not null,
    closed_at timestamp not null,
    closed_by varchar not null,
    rule_version varchar not null,
    inputs_hash varchar not null,
    rows_hash varchar not null,  -- of the month's rows in allocation
    net_czk decimal(18, 2) not null,
    vat_czk decimal(18, 2) not null,
    reopened_at timestamp,  -- null: still closed
    reopened_by varchar,
    reason varchar
);

create table rule_set (  -- every set of rules that anything was allocated by
    rule_version varchar not null,
    rules varchar not null,  -- the text of allocation.toml
    first_used_at timestamp not null
);

create table ops.ledger_mark (  -- what the rows of a month were last derived from
    month_start date not null,
    mark varchar not null
);

create table ops.ledger_state (  -- rule_version, stamp of the rules and patterns, mark of what was booked
    key varchar not null,
    value varchar not null
);

create table metered_daily (  -- one row per local day, UTC day, paying unit, gateway key, provider and model
    day date not null,  -- local
    utc_day date not null,  -- the providers' day
    unit varchar not null,
    key_no integer,
    provider varchar not null,
    model varchar not null,
    requests bigint not null,  -- successful
    billed_tokens bigint not null,
    metered_usd decimal(38, 12) not null
);

-- what was loaded before is counted again with the next load
insert into ops.dirty_day
select distinct day from usage_daily;
