create table step_key (  -- one row: what the steps of counts of persons follow from; no query of the catalogue reads it
    key varchar not null
);

create table closed_cell (  -- one row per breakdown, unit and member that is never shown, whatever is asked
    breakdown varchar not null,  -- home (active persons) | role (what it costs in the study) | others: queries/closed.py
    unit varchar not null,
    member varchar not null  -- a model, provider, role ..., or ''
);
