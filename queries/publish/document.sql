select source, name, seen_at, lines, error
from build.ops.document
order by seen_at, name
