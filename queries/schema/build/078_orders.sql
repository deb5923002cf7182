-- What people on the pages asked for and what became of it; annotations they entered beside those of annotations.csv.
create table ops.order_done (  -- one row per order carried out or refused
    order_id varchar not null,
    kind varchar not null,  -- run | annotation | close_month | reopen_month | invoice
    subject varchar not null,  -- the job, day, month or document it was about
    asked_by varchar not null,
    asked_at timestamp not null,
    done_at timestamp not null,
    status varchar not null,  -- DONE | FAILED
    message varchar not null
);

create table annotation_entered (  -- one row per annotation entered on a page
    day date not null,
    kind varchar not null,  -- training | launch | outage | other
    name_cs varchar not null,
    name_en varchar not null,
    order_id varchar not null
);
