create table order_done (  -- the last 200 orders placed on the pages
    order_id varchar not null,
    kind varchar not null,
    subject varchar not null,
    asked_by varchar not null,
    asked_at timestamp not null,
    done_at timestamp not null,
    status varchar not null,
    message varchar not null
);
