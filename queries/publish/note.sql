select source, note, noted_at
from build.ops.note
order by source, note
