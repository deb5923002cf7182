-- What the suppression of small groups goes by, decided once and never told to a reader: see queries/suppression.py.
create table ops.step_key (  -- one row, made when the build is made
    key varchar not null
);

insert into ops.step_key
select sha256(cast(gen_random_uuid() as varchar) || cast(gen_random_uuid() as varchar));
