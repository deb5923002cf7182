-- The rows of a closed month are what they were when it was closed.
-- remedy: somebody changed the build by hand: take it from a backup, or reopen the month and say why
with rows_marked as (
    select
        a.month_start,
        concat_ws(
            '.',
            count(*),
            bit_xor(
                md5_number(
                    concat_ws(
                        '|', a.origin_month, a.line_id, a.document_id, a.unit, a.net_czk, a.vat_czk, a.non_deductible_czk,
                        a.rule, a.basis, a.share, coalesce(a.charge_class, '')
                    )
                )
            )
        ) as rows_hash,
        sum(a.net_czk) as net_czk
    from allocation as a
    where a.month_start in (select month_start from month_close where reopened_at is null)
    group by a.month_start
)

select c.month_start, c.closed_at, c.net_czk, coalesce(r.net_czk, 0) as found_net_czk
from month_close as c
left join rows_marked as r on r.month_start = c.month_start
where c.reopened_at is null and coalesce(r.rows_hash, '0') <> c.rows_hash
order by 1
