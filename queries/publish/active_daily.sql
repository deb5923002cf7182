select
    day,
    dimension,
    member,
    dau,
    wau,
    mau
from build.active_daily
order by dimension, member, day
