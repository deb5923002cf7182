create table fact_provider_usage (  -- one row per document and row of a provider's usage report: quantities, no money
    usage_id varchar not null,
    document_id varchar not null,
    document_name varchar not null,
    provider varchar not null,
    day date not null,  -- the provider's own
    model varchar,
    sub_account_id varchar,
    api_key_key varchar,
    requests bigint,
    input_tokens bigint,  -- uncached input only
    cached_tokens bigint,
    cache_write_tokens bigint,
    output_tokens bigint,
    reasoning_tokens bigint,
    web_searches bigint
);

create table document_trace (  -- one row per document that another one took the place of; nothing is replaced silently
    replaced_at timestamp not null,
    source varchar not null,
    reason varchar not null,  -- same name | same invoice
    provider varchar,
    invoice_id varchar,
    old_document_id varchar not null,
    old_name varchar not null,
    old_lines bigint not null,
    old_net_total decimal(38, 12),  -- as stated, else the sum of its lines; null: lines of several currencies
    new_document_id varchar not null,
    new_name varchar not null,
    new_lines bigint not null,
    new_net_total decimal(38, 12)
);
