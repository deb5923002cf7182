-- What can be bought and how what was bought is used. A holder is a number that means nothing elsewhere.
create table plan (  -- one row per plan and stretch of validity
    plan varchar not null,
    valid_from date not null,
    valid_to date not null,  -- exclusive
    name varchar not null,
    vendor varchar not null,
    kind varchar not null,  -- gateway | chat | coding | copilot
    currency varchar not null,
    seat_fee decimal(38, 12),  -- per seat and billing period, before discount and tax; null: not public
    billing_months integer not null,
    minimum_seats integer not null,
    maximum_seats integer,
    commitment_months integer not null,
    is_removable boolean,
    includes varchar not null,  -- none | credits | messages | usd | unlimited
    allowance decimal(38, 12),
    is_pooled boolean not null,
    reset varchar,  -- month | week | term
    overage varchar not null,  -- blocked | metered
    overage_price decimal(38, 12),
    discount decimal(9, 6) not null,
    source varchar not null,
    source_day date,
    certainty varchar not null,  -- high | medium | low
    note varchar
);

create table seat_month (  -- one row per month, product and holder by the month's last report that names holders
    month_start date not null,
    product varchar not null,
    report_day date not null,
    holder_no integer not null,  -- dense; the same person in every product
    person_no integer,  -- as in person_month; null: the report hashes names, so nobody known
    unit varchar not null,  -- primary home on the day of the report, the last one of who has left
    seats integer not null,  -- held under different addresses
    status varchar not null,  -- assigned | pending
    licence_day date not null,  -- assigned, or first seen in a report
    last_active_day date,
    is_activity_known boolean not null,
    is_activated boolean not null,  -- ever active under the seat
    is_active boolean not null,  -- in the 28 days up to the report
    is_young boolean not null,  -- held for less than 60 days
    is_at_limit boolean,  -- used at least 95 % of what the seat includes; null: not known
    reason varchar,  -- left | never_used | idle; null: no reason to take the seat back
    uses bigint,
    credits_used decimal(38, 12)
);

create table seat_product_month (  -- one row per month and product with any report
    month_start date not null,
    product varchar not null,
    report_day date not null,
    is_named boolean not null,  -- some report names holders, hashed or not
    bought bigint,
    bought_origin varchar,  -- count | invoice | assigned: nothing says more than who holds one
    assigned bigint,
    active bigint,
    seat_czk decimal(18, 6)  -- a seat a month before tax, after discount, at the rate of the report's day; null: unknown
);

create table seat_count (  -- one row per product and day that a report counts
    product varchar not null,
    day date not null,
    bought bigint,
    assigned bigint,
    active_1d bigint,
    active_7d bigint,
    active_28d bigint
);
