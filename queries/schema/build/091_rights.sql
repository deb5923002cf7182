-- Who asked to be forgotten, and what their rows stand under since. See docs/privacy.md, A person's rights.
create table ops.forgotten (  -- one row per account of a forgotten person and stretch of days
    mark varchar not null,  -- keyed hash of the pseudonym under a key of its own: recognises it, doesn't tell it
    account_key varchar not null,  -- the anonymous account that took the rows over
    valid_from date not null,
    valid_to date not null,  -- exclusive
    forgotten_at timestamp not null
);

create table forgotten_home (  -- where an anonymous account belongs; weights of one add to 1
    account_key varchar not null,
    unit varchar not null,
    role varchar not null,
    weight decimal(9, 6) not null
);
