create table fact_invoice (  -- one row per document that counts: what it says of itself as a whole
    document_id varchar not null,
    document_name varchar not null,
    kind varchar not null,  -- invoice | credit_note | report | flat
    provider varchar not null,
    invoice_id varchar,
    invoice_issuer_name varchar,
    issuer_country varchar,
    issue_day date,
    tax_point date,
    due_day date,
    currency varchar,
    net_total decimal(38, 12),
    tax_total decimal(38, 12),
    gross_total decimal(38, 12),
    prepaid_total decimal(38, 12),
    corrects_invoice_id varchar
);

alter table fact_invoice_line add column tax_rate decimal(9, 6);

alter table fact_invoice_line add column api_key_key varchar;

alter table fact_invoice_line add column credit_kind varchar;  -- purchase | burn_down | expiry | grant
