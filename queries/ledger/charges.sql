-- The booked lines of the month with all that says what they are for, and the month's rate of the dollar.
with keys_known as (
    select k.api_key_key, min(k.key_no) as key_no, min(r.unit) as unit
    from api_key as k
    left join key_rule as r on r.key_no = k.key_no
    group by k.api_key_key
),

credit_bought as (  -- when each provider's credit was next bought: what was bought before lasts until then
    select b.provider, min(b.month_start) as next_month
    from booked_line as b
    join fact_invoice_line as l on l.line_id = b.line_id and l.document_id = b.document_id
    where l.credit_kind = 'purchase' and b.month_start > $month
    group by b.provider
),

accounts_known as (
    select provider, count(*) as accounts
    from gateway_account
    group by provider
)

select
    b.line_id,
    b.document_id,
    coalesce(f.kind, 'report') as kind,
    b.provider,
    b.net,
    b.net_czk,
    b.vat_czk,
    b.currency,
    b.czk_per_unit,
    b.is_deductible,
    u.czk_per_unit as czk_per_usd,
    cast(l.charge_period_start as date) as first_day,
    greatest(
        cast(l.charge_period_end - interval 1 microsecond as date), cast(l.charge_period_start as date)
    ) as last_day,
    l.is_amortised,
    l.credit_kind,
    coalesce(n.next_month, date '9999-12-31') as credit_end,
    l.model,
    l.sub_account_id as project,
    l.service_name as service,
    l.charge_category as category,
    l.sku_id as sku,
    o.unit,
    case when l.unit <> 'UNALLOCATED' and o.unit is null then l.unit end as unknown_unit,
    k.key_no,
    k.unit as key_unit,
    coalesce(a.accounts, 0) > 0 and l.sub_account_id is not null and g.provider is null as is_elsewhere
from booked_line as b
join fact_invoice_line as l on l.line_id = b.line_id and l.document_id = b.document_id
left join fact_invoice as f on f.document_id = b.document_id
left join unit as o on o.unit = upper(l.unit) and o.unit <> 'UNALLOCATED'
left join keys_known as k on k.api_key_key = l.api_key_key
left join rate_daily as u on u.day = b.rate_day and u.currency = 'USD'
left join credit_bought as n on n.provider = b.provider
left join accounts_known as a on a.provider = b.provider
left join gateway_account as g on g.provider = b.provider and g.sub_account_id = l.sub_account_id
where b.month_start = $month
order by b.document_id, b.line_id
