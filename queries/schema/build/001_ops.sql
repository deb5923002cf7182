-- What the ETL knows about its own work. Written in the same transaction as the rows it speaks of.
create schema ops;

create table ops.setting (
    key varchar not null,
    value varchar not null
);

create table ops.source (  -- one row per configured source
    source varchar not null,
    kind varchar not null  -- gateway | chat | invoices | directory | fx
);

create sequence ops.run_no;

create table ops.run (  -- one row per attempt of one job for one piece
    run_no bigint not null default nextval('ops.run_no'),
    job varchar not null,
    source varchar not null,
    window_start timestamp,
    window_end timestamp,
    status varchar not null,  -- STARTED | DONE | FAILED
    started_at timestamp not null,
    finished_at timestamp,
    rows_read bigint,
    rows_changed bigint,
    days_changed bigint,
    message varchar
);

create table ops.watermark (  -- one row per source and landing table: what need not be read again
    source varchar not null,
    table_name varchar not null,
    loaded_through timestamp not null,  -- rows whose own time lies before this are loaded
    written_through timestamp not null  -- rows the source wrote before this are loaded
);

create table ops.note (  -- what the present version of a source lacks
    source varchar not null,
    note varchar not null,
    noted_at timestamp not null
);

create table ops.document (  -- one row per invoice document ever seen
    document_id varchar not null,
    source varchar not null,
    name varchar not null,
    seen_at timestamp not null,
    lines bigint not null,
    error varchar  -- why it was refused; null = loaded
);

create table ops.check_result (  -- the last result of every check
    name varchar not null,
    severity varchar not null,  -- fail | warn
    checked_at timestamp not null,
    offending_rows bigint not null,
    example varchar
);

create table ops.dirty_day (  -- days whose marts no longer follow from the facts
    day date not null
);
