create table document_trace (  -- one row per document that another one took the place of
    replaced_at timestamp not null,
    source varchar not null,
    reason varchar not null,  -- same name | same invoice
    provider varchar,
    invoice_id varchar,
    old_name varchar not null,
    old_lines bigint not null,
    old_net_total decimal(38, 12),
    new_name varchar not null,
    new_lines bigint not null,
    new_net_total decimal(38, 12)
);

create table provider_usage (  -- one row per provider, its own day and model: what it says was used, without money
    day date not null,
    provider varchar not null,
    model varchar,
    requests bigint,  -- null = not stated, as for all counts
    input_tokens bigint,  -- uncached input only
    cached_tokens bigint,
    cache_write_tokens bigint,
    output_tokens bigint,
    web_searches bigint
);
