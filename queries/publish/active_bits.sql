select
    day,
    dimension,
    member,
    persons
from build.active_bits
order by dimension, member, day
