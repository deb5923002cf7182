-- What the rules about people, models and rates were last derived from, so that they are derived anew only when it changed.
create table ops.resolved (  -- one row per step of etl/resolve.py
    step varchar not null,
    mark varchar not null  -- count and hash of everything the step reads
);
