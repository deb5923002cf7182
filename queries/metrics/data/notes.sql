-- title: Notes
-- about: What a source could not give, or gave otherwise than expected.
-- grain: one row per source and note
-- access: all
-- column: source varchar [text]  its name in the configuration
-- column: note varchar [text]  what to know
-- column: noted_at timestamp [instant]  UTC
select
    source,
    note,
    noted_at,
from note
order by source, note, noted_at
