-- title: Documents
-- about: Invoices and usage exports that were read, newest first, and why one could not be.
-- grain: one row per source and document
-- access: rse
-- column: source varchar [text]  its name in the configuration
-- column: name varchar [text]  file name
-- column: seen_at timestamp [instant]  UTC
-- column: lines bigint [count]  lines taken from it
-- column: error varchar [text]  why it could not be read; null: it was
select
    source,
    name,
    seen_at,
    lines,
    error,
from document
order by seen_at desc, source, name
