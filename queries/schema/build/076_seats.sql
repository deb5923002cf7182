-- What can be bought, and who holds and uses what was bought. Reports are kept day by day, never overwritten by a later.
create table plan (  -- one row per plan and stretch of validity, as plans.csv says now
    plan varchar not null,
    valid_from date not null,
    valid_to date,  -- exclusive; null: until the plan's next row
    name varchar not null,
    vendor varchar not null,
    kind varchar not null,
    currency varchar not null,
    seat_fee decimal(38, 12),
    billing_months integer not null,
    minimum_seats integer not null,
    maximum_seats integer,
    commitment_months integer not null,
    is_removable boolean,
    includes varchar not null,
    allowance decimal(38, 12),
    is_pooled boolean not null,
    reset varchar,
    overage varchar not null,
    overage_price decimal(38, 12),
    discount decimal(9, 6) not null,
    source varchar not null,
    source_day date,
    certainty varchar not null,
    note varchar
);

create table fact_seat (  -- one row per kind of report, product, day of report and holder
    document_id varchar not null,
    kind varchar not null,  -- roster: every holder | activity: only those who used their seat
    product varchar not null,
    report_day date not null,
    account_no integer not null,
    is_identified boolean not null,
    assigned_day date,
    status varchar not null,  -- assigned | pending | removed
    last_active_day date,
    is_activity_known boolean not null,
    period_start date,
    period_end date,
    uses bigint,
    credits_used decimal(38, 12),
    allowance decimal(38, 12)
);

create table fact_seat_count (  -- one row per kind of report, product and day
    document_id varchar not null,
    kind varchar not null,
    product varchar not null,
    day date not null,
    bought bigint,
    assigned bigint,
    active_1d bigint,
    active_7d bigint,
    active_28d bigint
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
