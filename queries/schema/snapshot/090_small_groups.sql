create table step_key (  -- one row: what the steps of counts of persons follow from; no query of the catalogue reads it
    key varchar not null
);

create table crowd (  -- one row per breakdown, unit and member: distinct persons behind it in the whole history
    breakdown varchar not null,  -- home (active persons) | unit, model (amounts) | rater, rater_model (ratings)
    unit varchar not null,
    is_own boolean not null,  -- the unit's own, without the units below it
    member varchar not null,  -- a model, or ''
    persons bigint not null
);
