-- Invoices, what they come to by unit, closed months and the way from metered to billed; after synthetic.sql.
-- The ledger begins in January 2026. Anthropic's October is a report alone; Google's bills are in euros.
create temp table billed as
with used as (
    select
        cast(date_trunc('month', day) as date) as month_start, provider, unit, sum(metered_usd) as usd, sum(metered_czk) as czk
    from usage_unit_daily
    where day >= date '2026-01-01' and provider in ('openai', 'anthropic', 'google')
    group by 1, 2, 3
)
select
    u.month_start, u.provider, u.unit, u.usd, u.czk,
    last_day(u.month_start) as tax_point,
    case u.provider when 'openai' then 1.03 when 'google' then 1.06 else 0.985 end as ratio,
    u.month_start = date '2026-10-01' and u.provider = 'anthropic' as is_provisional
from used as u;

create temp table bill as
select
    b.month_start, b.provider, b.tax_point, b.is_provisional,
    sum(b.usd) as metered_usd,
    sum(b.czk) as metered_czk,
    cast(round(sum(b.usd) * max(b.ratio), 2) as decimal(18, 2)) as usd,
    any_value(r.czk_per_unit) as czk_per_usd,
    any_value(r.published_day) as rate_day,
    cast(round(round(sum(b.usd) * max(b.ratio), 2) * any_value(r.czk_per_unit), 2) as decimal(18, 2)) as net_czk
from billed as b
join rate_daily as r on r.currency = 'USD' and r.day = b.tax_point
where b.month_start < date '2026-11-01'
group by 1, 2, 3, 4;

insert into invoice by name
select
    case when is_provisional then 'anthropic-2026-10.json' else provider || '-' || strftime(month_start, '%Y-%m') || '.xml' end
        as document_name,
    case when is_provisional then 'report' else 'invoice' end as kind,
    provider,
    case when not is_provisional then upper(provider) || '-' || strftime(month_start, '%Y%m') end as invoice_id,
    case provider when 'openai' then 'OpenAI Ireland Ltd' when 'google' then 'Google Cloud EMEA Ltd' else 'Anthropic PBC' end
        as invoice_issuer_name,
    case provider when 'anthropic' then 'US' else 'IE' end as issuer_country,
    tax_point + 3 as issue_day,
    case when not is_provisional then tax_point end as tax_point,
    tax_point + 30 as due_day,
    case provider when 'google' then 'EUR' else 'USD' end as currency,
    case provider when 'google' then round(usd * 0.86, 2) else usd end as net_total,
    0 as tax_total,
    case provider when 'google' then round(usd * 0.86, 2) else usd end as gross_total,
    2 as lines,
    case provider when 'google' then round(usd * 0.86, 2) else usd end as lines_net,
    0 as purchased, 0 as burned_down, 0 as expired,
    month_start, czk_per_usd as czk_per_unit, rate_day, net_czk, round(net_czk * 0.21, 2) as vat_czk,
    true as is_self_assessed, 'booked' as state
from bill
union all
select
    'costs.csv', 'flat', 'self_hosted', null, 'Pronájem GPU', 'CZ', null, null, null, 'CZK', null, null, null, 1, 9500,
    0, 0, 0, month_start, 1, last_day(month_start), 9500, 0, false, 'booked'
from (select distinct month_start from bill)
union all
select
    'openai-2026-11-credit.xml', 'credit_note', 'openai', 'OPENAI-202610-C', 'OpenAI Ireland Ltd', 'IE', date '2026-11-12',
    date '2026-11-12', null, 'USD', -15, 0, -15, 1, -15, 0, 0, 0, date '2026-11-01', 21.0, date '2026-11-12', -315,
    -66.15, true, 'booked';

insert into allocation by name
with shares as (
    select
        b.month_start, b.provider, b.unit, b.czk / nullif(l.metered_czk, 0) as share, l.net_czk, l.is_provisional
    from billed as b
    join bill as l on l.month_start = b.month_start and l.provider = b.provider
    where b.unit not in ('UNKNOWN', 'UNALLOCATED')
), placed as (
    select
        *, cast(floor(net_czk * share * 0.97 * 100) / 100 as decimal(18, 2)) as czk
    from shares
), rows_made as (
    select month_start, provider, unit, share * 0.97 as share, czk, is_provisional, 'metered' as rule,
        'podle měřené spotřeby' as basis
    from placed where czk > 0
    union all
    select
        p.month_start, p.provider, 'UNALLOCATED', 0.03, any_value(p.net_czk) - sum(p.czk), any_value(p.is_provisional),
        'unallocated', 'klíče, které brána nezná'
    from placed as p group by 1, 2
    union all
    select month_start, 'self_hosted', 'MFF', 1, 9500, false, 'owner', 'jednotka na řádku' from (select distinct month_start from bill)
    union all
    select date '2026-11-01', 'openai', 'MFF', 1, -315, false, 'metered', 'oprava za říjen'
)
select
    month_start,
    case when month_start = date '2026-11-01' then date '2026-10-01' else month_start end as origin_month,
    provider,
    case provider when 'self_hosted' then 'costs.csv' else provider || '-' || strftime(month_start, '%Y-%m') || '.xml' end
        as document_name,
    case provider when 'self_hosted' then null else upper(provider) || '-' || strftime(month_start, '%Y%m') end as invoice_id,
    1 as line_no, 'API' as service_name, null as model, 'Usage' as charge_category,
    case provider when 'self_hosted' then 'CZK' else 'USD' end as currency, null as line_net,
    case when is_provisional then 'provisional' else 'invoice' end as booked_as,
    unit, czk as net_czk,
    case provider when 'self_hosted' then 0 else round(czk * 0.21, 2) end as vat_czk,
    case provider when 'self_hosted' then 0 else round(czk * 0.21 * 0.6, 2) end as non_deductible_czk,
    rule, basis, share,
    case when month_start = date '2026-11-01' then 'Correction' end as charge_class
from rows_made
order by 1, 3, 13;

insert into month_close
select
    month_start, last_day(month_start) + interval 12 day + interval 9 hour, 'bursar', 'r1', 'a1', 'b1',
    sum(net_czk), sum(vat_czk),
    case when month_start = date '2026-08-01' then timestamp '2026-09-20 08:00' end,
    case when month_start = date '2026-08-01' then 'bursar' end,
    case when month_start = date '2026-08-01' then 'Google opravil fakturu' end
from allocation
where month_start < date '2026-10-01'
group by 1;

insert into reconciliation
with steps as (
    select
        b.month_start, b.provider, s.position, s.cause,
        cast(round(case s.cause
            when 'metered' then b.metered_usd
            when 'day_boundary' then b.metered_usd * 0.004
            when 'price' then case b.provider when 'google' then b.metered_usd * 0.05 else 0 end
            when 'cached' then case b.provider when 'openai' then b.metered_usd * -0.021 else 0 end
            when 'volume' then case b.provider when 'openai' then b.metered_usd * 0.012 else 0 end
            when 'bypass' then case b.provider when 'openai' then b.metered_usd * 0.03 else 0 end
            when 'fees' then case b.provider when 'openai' then 2.5 else 0 end
            when 'credits' then case b.provider when 'anthropic' then b.metered_usd * -0.02 else 0 end
            else 0
        end, 6) as decimal(38, 12)) as usd,
        b.metered_usd, b.metered_czk, b.usd as billed_usd, b.net_czk, b.czk_per_usd, b.is_provisional
    from bill as b
    cross join (
        values (1, 'metered'), (2, 'exchange_rate'), (3, 'day_boundary'), (4, 'price'), (5, 'cached'), (6, 'volume'),
        (7, 'discount'), (8, 'bypass'), (9, 'fees'), (10, 'credits'), (11, 'period'), (12, 'not_billed')
    ) as s (position, cause)
), valued as (
    select
        *,
        cast(case s.cause
            when 'metered' then s.metered_czk
            when 'exchange_rate' then round(s.metered_usd * s.czk_per_usd - s.metered_czk, 6)
            else round(s.usd * s.czk_per_usd, 6)
        end as decimal(38, 12)) as czk
    from steps as s
), closed as (
    select month_start, provider, position, cause, usd, czk, null as note from valued
    union all
    select
        month_start, provider, 13, 'residual', any_value(billed_usd) - sum(usd), any_value(net_czk) - sum(czk),
        case when bool_or(is_provisional) then 'provisional no_provider_usage' when provider <> 'openai' then 'no_provider_usage' end
    from valued group by 1, 2
    union all
    select
        month_start, provider, 14, 'billed_net', usd, net_czk, case when is_provisional then 'provisional no_provider_usage' end
    from bill
    union all
    select month_start, provider, 15, 'vat', round(usd * 0.21, 6), round(net_czk * 0.21, 2), null from bill
    union all
    select month_start, provider, 16, 'billed', usd + round(usd * 0.21, 6), net_czk + round(net_czk * 0.21, 2), null from bill
)
select * from closed
union all
select
    m.month_start, 'self_hosted', s.position, s.cause,
    case when s.cause in ('fees', 'billed_net', 'billed') then 452.38 else 0 end,
    case when s.cause in ('fees', 'billed_net', 'billed') then 9500 else 0 end,
    null
from (select distinct month_start from bill) as m
cross join (
    values (1, 'metered'), (9, 'fees'), (13, 'residual'), (14, 'billed_net'), (15, 'vat'), (16, 'billed')
) as s (position, cause)
union all
select date '2026-11-01', b.provider, s.position, s.cause, sum(b.usd) * s.sign, sum(b.czk) * s.sign, null
from billed as b
cross join (values (1, 'metered', 1), (12, 'not_billed', -1), (13, 'residual', 0), (14, 'billed_net', 0), (15, 'vat', 0), (16, 'billed', 0)) as s (position, cause, sign)
where b.month_start = date '2026-11-01'
group by 1, 2, 3, 4, s.sign
order by 1, 2, 3;

insert into credit values
(date '2026-09-01', 'anthropic', 'USD', 'purchase', 500, 10500),
(date '2026-09-01', 'anthropic', 'USD', 'burn_down', 120, 2520),
(date '2026-10-01', 'anthropic', 'USD', 'burn_down', 180, 3780),
(date '2026-10-01', 'anthropic', 'USD', 'expiry', 25, 525),
(date '2026-10-01', 'openai', 'USD', 'grant', 50, 1050);

insert into charge by name
select
    month_start, unit, provider, provider || ' inc' as invoice_issuer_name, invoice_id, charge_category, charge_class,
    case provider when 'self_hosted' then 'Pronájem GPU' end as charge_description,
    case provider when 'self_hosted' then 'Recurring' else 'Usage-Based' end as charge_frequency,
    origin_month as charge_period_start, origin_month + interval 1 month as charge_period_end, service_name,
    net_czk as billed_czk, net_czk as effective_czk, vat_czk, non_deductible_czk, rule, basis, booked_as, origin_month,
    currency
from allocation
order by 1, 3, 2;
