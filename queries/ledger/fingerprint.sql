-- A mark of a month's rows in the ledger whatever their order, their number and their sums.
select
    concat_ws(
        '.',
        count(*),
        bit_xor(
            md5_number(
                concat_ws(
                    '|', a.origin_month, a.line_id, a.document_id, a.unit, a.net_czk, a.vat_czk, a.non_deductible_czk, a.rule,
                    a.basis, a.share, coalesce(a.charge_class, '')
                )
            )
        )
    ) as rows_hash,
    coalesce(sum(a.net_czk), 0) as net_czk,
    coalesce(sum(a.vat_czk), 0) as vat_czk
from allocation as a
where a.month_start = $month
