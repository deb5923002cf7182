-- What was bought is billed; what is drawn or lapses is effective; what is drawn from a grant is neither and stands, as the
-- grant, at its list cost. Credit taken off a bill is used by it; a grant that only stands there was given and used at once.
with lines_left as (
    select
        cast(date_trunc('month', l.charge_period_start) as date) as month_start,
        l.provider,
        l.billing_currency as currency,
        l.credit_kind,
        l.billed_cost < 0 and l.credit_kind in ('burn_down', 'grant') as is_deducted,
        l.billed_cost,
        case when l.effective_cost = 0 then coalesce(l.list_cost, 0) else l.effective_cost end as worth,
        cast(l.charge_period_start as date) as day
    from build.fact_invoice_line as l
    where l.credit_kind is not null
        and not exists (
            select 1 from build.superseded_day as s where s.line_id = l.line_id and s.document_id = l.document_id
        )
),

amounts_chosen as (
    select
        month_start, provider, currency, credit_kind,
        case
            when credit_kind = 'purchase' then billed_cost
            when is_deducted then -billed_cost
            else worth
        end as amount,
        day
    from lines_left
    union all
    select month_start, provider, currency, 'burn_down' as credit_kind, -billed_cost as amount, day
    from lines_left
    where is_deducted and credit_kind = 'grant'
)

select
    a.month_start,
    a.provider,
    a.currency,
    a.credit_kind,
    sum(a.amount) as amount,
    case
        when count(r.czk_per_unit) = count(*)
            then sum(cast(a.amount as decimal(24, 12)) * cast(r.czk_per_unit as decimal(12, 6)))
    end as czk
from amounts_chosen as a
left join (
    select day, currency, czk_per_unit from build.rate_daily
    union all
    select day, 'CZK', 1 from build.dates
) as r on r.day = a.day and r.currency = a.currency
group by a.month_start, a.provider, a.currency, a.credit_kind
order by a.month_start, a.provider, a.currency, a.credit_kind
