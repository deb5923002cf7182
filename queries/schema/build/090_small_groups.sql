-- What the suppression of small groups goes by, decided once and never told to a reader: see queries/suppression.py.
create table ops.step_key (  -- one row, made when the build is made
    key varchar not null
);

insert into ops.step_key
select sha256(cast(gen_random_uuid() as varchar) || cast(gen_random_uuid() as varchar));

create table closed_cell (  -- one row per breakdown, unit and member that is never shown; see queries/closed.py
    breakdown varchar not null,
    unit varchar not null,
    member varchar not null
);
