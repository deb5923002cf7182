-- allocated, month_close -> allocation. Rows of closed months stay as they are. An open month's rows are made anew: what
-- its lines come to now. What a closed month would come to now and does not is booked as a correction in the first open
-- month after it; so the sum over all months is always what holds now.
create or replace temp table closed_month as
select month_start
from month_close
where reopened_at is null;

delete from allocation
where month_start not in (select month_start from closed_month);

create or replace temp table ledger_line as
select
    document_id,
    line_id,
    provider,
    document_name,
    cast(row_number() over (partition by document_id order by charge_period_start, line_id) as integer) as line_no,
    service_name,
    model,
    charge_category,
    credit_kind
from fact_invoice_line;

create or replace temp table ledger_row as
with rows_held as (  -- what closed months hold, about themselves or about earlier ones
    select
        origin_month, line_id, document_id, unit, rule,
        min(provider) as provider,
        min(document_name) as document_name,
        min(line_no) as line_no,
        min(service_name) as service_name,
        min(model) as model,
        min(charge_category) as charge_category,
        min(credit_kind) as credit_kind,
        min(basis) as basis,
        sum(net_czk) as net_czk,
        sum(vat_czk) as vat_czk,
        sum(non_deductible_czk) as non_deductible_czk
    from allocation
    group by origin_month, line_id, document_id, unit, rule
),

rows_true as (
    select
        a.month_start as origin_month, a.line_id, a.document_id, a.unit, a.rule,
        min(a.basis) as basis,
        sum(a.net_czk) as net_czk,
        sum(a.vat_czk) as vat_czk,
        sum(a.non_deductible_czk) as non_deductible_czk,
        sum(a.share) as share
    from allocated as a
    where a.month_start in (select month_start from closed_month)
    group by a.month_start, a.line_id, a.document_id, a.unit, a.rule
),

months_next as (  -- the first open month after each closed one
    select c.month_start as origin_month, min(n.month_start + interval 1 month) as month_start
    from closed_month as c
    join closed_month as n on n.month_start >= c.month_start
    where n.month_start + interval 1 month not in (select month_start from closed_month)
    group by c.month_start
),

differences as (
    select
        coalesce(t.origin_month, h.origin_month) as origin_month,
        coalesce(t.line_id, h.line_id) as line_id,
        coalesce(t.document_id, h.document_id) as document_id,
        coalesce(t.unit, h.unit) as unit,
        coalesce(t.rule, h.rule) as rule,
        coalesce(t.basis, h.basis) as basis,
        h.provider, h.document_name, h.line_no, h.service_name, h.model, h.charge_category, h.credit_kind,
        coalesce(t.net_czk, 0) - coalesce(h.net_czk, 0) as net_czk,
        coalesce(t.vat_czk, 0) - coalesce(h.vat_czk, 0) as vat_czk,
        coalesce(t.non_deductible_czk, 0) - coalesce(h.non_deductible_czk, 0) as non_deductible_czk,
        coalesce(t.share, 0) as share
    from rows_true as t
    full join rows_held as h
        on h.origin_month = t.origin_month
        and h.line_id = t.line_id
        and h.document_id = t.document_id
        and h.unit = t.unit
        and h.rule = t.rule
)

select
    a.month_start, a.month_start as origin_month, a.line_id, a.document_id, a.unit, a.rule, a.basis,
    cast(null as varchar) as provider, cast(null as varchar) as document_name, cast(null as integer) as line_no,
    cast(null as varchar) as service_name, cast(null as varchar) as model,
    cast(null as varchar) as charge_category, cast(null as varchar) as credit_kind,
    a.net_czk, a.vat_czk, a.non_deductible_czk, a.share, cast(null as varchar) as charge_class
from allocated as a
where a.month_start not in (select month_start from closed_month)
union all
select
    -- about a month that is open again: what was corrected meanwhile in closed months is taken back in it
    cast(coalesce(n.month_start, d.origin_month) as date), d.origin_month, d.line_id, d.document_id, d.unit, d.rule,
    d.basis, d.provider, d.document_name, d.line_no, d.service_name, d.model, d.charge_category, d.credit_kind,
    d.net_czk, d.vat_czk, d.non_deductible_czk, d.share, 'Correction'
from differences as d
left join months_next as n on n.origin_month = d.origin_month
where d.net_czk <> 0 or d.vat_czk <> 0 or d.non_deductible_czk <> 0;

insert into allocation by name
select
    r.month_start,
    r.origin_month,
    r.line_id,
    r.document_id,
    coalesce(l.provider, r.provider, 'unknown') as provider,
    coalesce(l.document_name, r.document_name, 'unknown') as document_name,
    coalesce(l.line_no, r.line_no, 0) as line_no,
    coalesce(l.service_name, r.service_name) as service_name,
    coalesce(l.model, r.model) as model,
    coalesce(l.charge_category, r.charge_category) as charge_category,
    coalesce(l.credit_kind, r.credit_kind) as credit_kind,
    r.unit,
    r.net_czk,
    r.vat_czk,
    r.non_deductible_czk,
    r.rule,
    r.basis,
    r.share,
    r.charge_class,
    $run_no as run_no
from ledger_row as r
left join ledger_line as l on l.line_id = r.line_id and l.document_id = r.document_id
order by r.month_start, r.document_id, l.line_no, r.line_id, r.unit, r.rule, r.basis, r.origin_month;

drop table closed_month;
drop table ledger_line;
drop table ledger_row;
