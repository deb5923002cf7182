-- ledger_rows (amounts in haléře, shares in 10^-12) -> allocated, for one month.
insert into allocated by name
select
    cast($month as date) as month_start,
    line_id,
    document_id,
    unit,
    cast(cast(net as decimal(18, 0)) * 0.01 as decimal(18, 2)) as net_czk,
    cast(cast(vat as decimal(18, 0)) * 0.01 as decimal(18, 2)) as vat_czk,
    cast(cast(non_deductible as decimal(18, 0)) * 0.01 as decimal(18, 2)) as non_deductible_czk,
    rule,
    basis,
    cast(cast(share as decimal(18, 0)) * 0.000000000001 as decimal(18, 12)) as share
from ledger_rows
