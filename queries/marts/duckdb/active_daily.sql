-- active_daily: one row per day and member: distinct persons in the trailing 1, 7 and 28 local days (metrics.md, DAU /
-- WAU / MAU). A day with nobody active has a row while somebody was in the 28 days before.
select
    w.day,
    b.dimension,
    b.member,
    cast(coalesce(bit_count(bit_or(case when b.day = w.day then b.persons end)), 0) as bigint) as dau,
    cast(coalesce(bit_count(bit_or(case when b.day > w.day - 7 then b.persons end)), 0) as bigint) as wau,
    cast(bit_count(bit_or(b.persons)) as bigint) as mau
from active_day as w
join active_bits as b on b.day > w.day - 28 and b.day <= w.day
group by w.day, b.dimension, b.member
order by b.dimension, b.member, w.day
