-- Only while self-service is on: what persons may see of their own use. A mark names nobody (queries/keyed.py).
create table sign_in (  -- one row per person
    mark varchar not null,
    person_no integer not null
);

create table own_month (  -- one row per person, month and model
    person_no integer not null,
    month_start date not null,
    model varchar not null,
    requests bigint not null,
    user_requests bigint not null,
    input_tokens bigint not null,
    cached_tokens bigint not null,
    cache_write_tokens bigint not null,
    output_tokens bigint not null,
    metered_usd decimal(38, 12) not null,
    metered_czk decimal(38, 18) not null,
    requests_without_cost bigint not null
);
