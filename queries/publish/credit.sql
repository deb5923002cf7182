-- what was bought is billed; what is drawn or lapses is effective; a grant is neither and stands at its list cost
with amounts_chosen as (
    select
        cast(date_trunc('month', l.charge_period_start) as date) as month_start,
        l.provider,
        l.billing_currency as currency,
        l.credit_kind,
        case l.credit_kind
            when 'purchase' then l.billed_cost
            when 'grant' then coalesce(l.list_cost, l.effective_cost)
            else l.effective_cost
        end as amount,
        cast(l.charge_period_start as date) as day
    from build.fact_invoice_line as l
    where l.credit_kind is not null
        and not exists (
            select 1 from build.not_booked as n where n.document_id = l.document_id and n.state = 'superseded'
        )
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
