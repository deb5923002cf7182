-- One row per month booked: a mark of everything its division among units follows from.
with common as (
    select concat_ws(
        '|',
        $stamp,
        (select sum(cast(hash(c) as hugeint)) from unit_closure as c),
        (select sum(cast(hash(k.key_no, k.unit) as hugeint)) from key_rule as k where k.unit is not null),
        (select sum(cast(hash(a) as hugeint)) from gateway_account as a),
        (select sum(cast(hash(s) as hugeint)) from fact_seat as s),
        (select sum(cast(hash(h) as hugeint)) from home_unit as h where exists (select 1 from fact_seat)),
        (
            select sum(cast(hash(l) as hugeint))
            from fact_invoice_line as l
            where l.document_id in (select document_id from superseded_day)
        ),
        (select sum(cast(hash(s) as hugeint)) from superseded_day as s),
        (
            select sum(cast(hash(b.provider, b.month_start) as hugeint))
            from booked_line as b
            join fact_invoice_line as l on l.line_id = b.line_id and l.document_id = b.document_id
            where l.credit_kind = 'purchase'
        )
    ) as mark
),

months_used as (
    select date_trunc('month', d.utc_day) as month_start, sum(cast(hash(d) as hugeint)) as hashed, count(*) as held
    from metered_daily as d
    group by date_trunc('month', d.utc_day)
),

credit_bought as (  -- what is bought lasts until credit is bought again (charges.sql)
    select distinct b.provider, b.month_start
    from booked_line as b
    join fact_invoice_line as l on l.line_id = b.line_id and l.document_id = b.document_id
    where l.credit_kind = 'purchase'
),

credit_spent as (
    select
        provider,
        month_start,
        lead(month_start, 1, date '9999-12-31') over (partition by provider order by month_start) as end_day
    from credit_bought
),

lines_marked as (
    select
        b.month_start,
        count(*) as held,
        sum(cast(hash(b) as hugeint)) as booked,
        sum(cast(hash(l) as hugeint)) as loaded,
        least(
            b.month_start, min(case when l.credit_kind = 'purchase' then null else cast(l.charge_period_start as date) end)
        ) as first_day,
        greatest(
            b.month_start + 1,
            max(case when l.credit_kind = 'purchase' then c.end_day else cast(l.charge_period_end as date) end)
        ) as end_day
    from booked_line as b
    join fact_invoice_line as l on l.line_id = b.line_id and l.document_id = b.document_id
    left join credit_spent as c on c.provider = b.provider and c.month_start = b.month_start
    group by b.month_start
),

use_marked as (
    select
        l.month_start,
        string_agg(concat_ws(':', u.month_start, u.held, u.hashed), ',' order by u.month_start) as mark
    from lines_marked as l
    join months_used as u on u.month_start < l.end_day and u.month_start + interval 1 month > l.first_day
    group by l.month_start
)

select
    l.month_start,
    md5(concat_ws('|', c.mark, l.held, l.booked, l.loaded, u.mark)) as mark
from lines_marked as l
cross join common as c
left join use_marked as u on u.month_start = l.month_start
order by l.month_start
