-- A mark of everything that booking follows from.
select md5(concat_ws(
    '|',
    $stamp,
    $today,
    (select count(*) from fact_invoice_line),
    (select sum(cast(hash(l) as hugeint)) from fact_invoice_line as l),
    (select sum(cast(hash(f) as hugeint)) from fact_invoice as f),
    (select sum(cast(hash(r.day, r.currency, r.czk_per_unit) as hugeint)) from rate_daily as r where r.day <= $today)
)) as mark
