select
    d.source,
    d.name,
    d.seen_at,
    case when s.kind is distinct from 'seats' then d.lines end as lines,
    d.error
from build.ops.document as d
left join build.ops.source as s on s.source = d.source
order by d.seen_at, d.name
