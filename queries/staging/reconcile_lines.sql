-- First step of reconciling: booked_line, fact_invoice_line, fact_invoice_day -> reconciled_line, reconciled_part.
-- what a line is for; usage counts with what it is worth (effective cost), what was paid in advance is a credit
create or replace temp table reconciled_line as
with lines_booked as (
    select
        line_id, document_id,
        max(provider) as provider,
        max(currency) as currency,
        sum(net) as net,
        sum(net_czk) as net_czk,
        max(czk_per_unit) as czk_per_unit,
        max(rate_day) as rate_day
    from booked_line
    group by line_id, document_id
    union all
    -- use paid from prepaid credit: booked when that was bought, used now
    select
        l.line_id, l.document_id, l.provider, l.billing_currency, 0, 0, r.czk_per_unit,
        cast(l.charge_period_end - interval 1 microsecond as date)
    from fact_invoice_line as l
    left join (
        select day, currency, czk_per_unit from rate_daily
        union all
        select distinct day, 'CZK', 1 from rate_daily
    ) as r on r.currency = l.billing_currency and r.day = cast(l.charge_period_end - interval 1 microsecond as date)
    where l.credit_kind = 'burn_down'
        and not exists (select 1 from booked_line as b where b.line_id = l.line_id and b.document_id = l.document_id)
        and not exists (select 1 from superseded_day as s where s.line_id = l.line_id and s.document_id = l.document_id)
),

lines_known as (
    select
        b.line_id, b.document_id, b.provider, b.net, b.net_czk, b.rate_day, b.currency, b.czk_per_unit,
        l.charge_category, l.credit_kind, l.billed_cost, l.sub_account_id,
        -- of a report's line that an invoice stands for in part: as much as is booked
        case when p.line_id is null then l.effective_cost else b.net end as effective_cost,
        case when p.line_id is null then l.list_cost end as list_cost,
        m.model,
        coalesce(m.is_mapped, false) as is_mapped,
        l.model is not null as is_model_named,
        lower(coalesce(l.consumed_unit, '')) as consumed_unit,
        lower(concat_ws(' ', l.sku_id, l.charge_description, l.service_name)) as said,
        cast(coalesce(r.czk_per_unit, 0) as decimal(12, 6)) as czk_per_usd
    from lines_booked as b
    join fact_invoice_line as l on l.line_id = b.line_id and l.document_id = b.document_id
    left join model as m on m.name = l.model
    left join (select distinct line_id, document_id from superseded_day) as p
        on p.line_id = b.line_id and p.document_id = b.document_id
    left join rate_daily as r on r.currency = 'USD' and r.day = b.rate_day
),

lines_worth as (
    select
        line_id, document_id, provider, rate_day, model, is_mapped, is_model_named, sub_account_id, net_czk,
        case when currency = 'USD' then cast(net as decimal(38, 12)) else cast(
            round(cast(net_czk as double) / nullif(cast(czk_per_usd as double), 0), 6) as decimal(38, 12)
        ) end as net_usd,
        case
            when effective_cost = billed_cost or net = effective_cost then net_czk
            else cast(round(cast(effective_cost as decimal(26, 12)) * cast(czk_per_unit as decimal(12, 6)), 2) as decimal(18, 2))
        end as worth_czk,
        effective_cost - billed_cost as prepaid,
        case
            when list_cost is not null and effective_cost <> list_cost
                then cast(round(
                    cast(effective_cost - list_cost as decimal(26, 12)) * cast(czk_per_unit as decimal(12, 6)), 12
                ) as decimal(38, 12))
        end as discount_czk,
        czk_per_usd,
        case
            when charge_category = 'Tax' then 'tax'
            when (charge_category = 'Usage' or credit_kind = 'burn_down') and (
                is_model_named
                or credit_kind = 'burn_down'
                or (
                    (consumed_unit = '' or consumed_unit like '%token%')
                    and not regexp_matches(
                        said,
                        'search|interpreter|container|storage|session|support|subscription|seat|fine.?tun|training|grounding'
                    )
                )
            ) then 'tokens'
            when credit_kind is not null or charge_category in ('Credit', 'Adjustment') then 'credits'
            else 'fees'
        end as kind
    from lines_known
)

select
    line_id, document_id, provider, rate_day, model, is_mapped, is_model_named, sub_account_id, kind, czk_per_usd,
    net_czk, net_usd,
    case when kind = 'tokens' then worth_czk else 0 end as worth_czk,
    case
        when kind <> 'tokens' then 0
        when worth_czk = net_czk then net_usd
        else cast(round(cast(worth_czk as double) / nullif(cast(czk_per_usd as double), 0), 6) as decimal(38, 12))
    end as worth_usd,
    case when kind = 'tokens' then discount_czk end as discount_czk
from lines_worth;

-- the months a line's days lie in, by the provider's days; the parts of a line add up to it
create or replace temp table reconciled_part as
with days_summed as (
    select
        d.line_id, d.document_id,
        cast(date_trunc('month', d.day) as date) as month_start,
        cast(sum(d.effective_cost) as double) as effective_cost,
        cast(sum(d.billed_cost) as double) as billed_cost,
        count(*) as days
    from fact_invoice_day as d
    where not exists (
        select 1
        from superseded_day as s
        where s.line_id = d.line_id and s.document_id = d.document_id and s.day = d.day
    )
    group by d.line_id, d.document_id, cast(date_trunc('month', d.day) as date)
),

shares_run as (
    select
        line_id, document_id, month_start,
        case
            when sum(effective_cost) over line <> 0
                then sum(effective_cost) over until_month / sum(effective_cost) over line
            when sum(billed_cost) over line <> 0
                then sum(billed_cost) over until_month / sum(billed_cost) over line
            else cast(sum(days) over until_month as double) / sum(days) over line
        end as share_until,
        row_number() over until_month = count(*) over line as is_last
    from days_summed
    window
        line as (partition by document_id, line_id),
        until_month as (partition by document_id, line_id order by month_start)
),

amounts_run as (
    select
        l.line_id, l.document_id, l.provider, l.rate_day, l.model, l.is_mapped, l.is_model_named, l.sub_account_id, l.kind,
        l.czk_per_usd,
        s.month_start,
        case when s.is_last then l.net_czk else cast(round(cast(l.net_czk as double) * s.share_until, 2) as decimal(18, 2)) end
            as net_czk,
        case when s.is_last then l.net_usd else cast(round(cast(l.net_usd as double) * s.share_until, 6) as decimal(38, 12)) end
            as net_usd,
        case when s.is_last then l.worth_czk else cast(round(cast(l.worth_czk as double) * s.share_until, 2) as decimal(18, 2)) end
            as worth_czk,
        case when s.is_last then l.worth_usd else cast(round(cast(l.worth_usd as double) * s.share_until, 6) as decimal(38, 12)) end
            as worth_usd,
        case
            when s.is_last then l.discount_czk
            else cast(round(cast(l.discount_czk as double) * s.share_until, 2) as decimal(38, 12))
        end as discount_czk
    from reconciled_line as l
    join shares_run as s on s.line_id = l.line_id and s.document_id = l.document_id
)

select
    provider, month_start, rate_day, model, is_mapped, is_model_named, sub_account_id, kind, czk_per_usd,
    net_czk - coalesce(lag(net_czk) over line, 0) as net_czk,
    net_usd - coalesce(lag(net_usd) over line, 0) as net_usd,
    worth_czk - coalesce(lag(worth_czk) over line, 0) as worth_czk,
    worth_usd - coalesce(lag(worth_usd) over line, 0) as worth_usd,
    discount_czk - coalesce(lag(discount_czk) over line, 0) as discount_czk
from amounts_run
window line as (partition by document_id, line_id order by month_start);
