-- booked_line, fact_invoice_line, gateway_daily, fact_provider_usage, price_held -> reconciliation: per month and
-- provider the steps from what the gateway metered to what was billed, in a fixed order; the residual closes the sum.
-- Every cause is defined in docs/reconciliation.md. Money is decimal throughout; only shares are doubles.

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
        and not exists (select 1 from not_booked as n where n.document_id = l.document_id and n.state = 'superseded')
),

lines_known as (
    select
        b.line_id, b.document_id, b.provider, b.net, b.net_czk, b.rate_day, b.currency, b.czk_per_unit,
        l.charge_category, l.credit_kind, l.effective_cost, l.billed_cost, l.list_cost, l.sub_account_id,
        m.model,
        coalesce(m.is_mapped, false) as is_mapped,
        l.model is not null as is_model_named,
        lower(coalesce(l.consumed_unit, '')) as consumed_unit,
        lower(concat_ws(' ', l.sku_id, l.charge_description, l.service_name)) as said,
        cast(coalesce(r.czk_per_unit, 0) as decimal(12, 6)) as czk_per_usd
    from lines_booked as b
    join fact_invoice_line as l on l.line_id = b.line_id and l.document_id = b.document_id
    left join model as m on m.name = l.model
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

-- every provider and month with metered cost or a bill, and the rate that stands for its invoices
create or replace temp table reconciled_month as
with usage_summed as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        provider,
        sum(metered_usd) as metered_usd,
        sum(metered_czk) as metered_czk
    from usage_total_daily
    where unit = $root_unit
    group by cast(date_trunc('month', day) as date), provider
    having sum(metered_usd) <> 0
),

lines_booked as (
    select
        b.month_start, b.provider,
        sum(case when l.charge_category = 'Tax' then 0 else b.net_czk end) as net_czk,
        sum(b.vat_czk) + sum(case when l.charge_category = 'Tax' then b.net_czk else 0 end) as vat_czk,
        bool_and(b.basis = 'provisional') as is_provisional,
        max(b.rate_day) as rate_day
    from booked_line as b
    join fact_invoice_line as l on l.line_id = b.line_id and l.document_id = b.document_id
    group by b.month_start, b.provider
),

net_usd_booked as (  -- in the currency of the gateway, each line at the rate it is booked at
    select
        b.month_start, b.provider,
        sum(case
            when l.kind = 'tax' then 0
            when b.currency = 'USD' then cast(b.net as decimal(38, 12))
            else cast(round(cast(b.net_czk as double) / nullif(cast(l.czk_per_usd as double), 0), 6) as decimal(38, 12))
        end) as net_usd
    from booked_line as b
    join reconciled_line as l on l.line_id = b.line_id and l.document_id = b.document_id
    group by b.month_start, b.provider
),

lines_served as (
    select
        month_start, provider,
        sum(case when kind = 'tokens' then 1 else 0 end) as token_parts,
        sum(case when kind = 'tokens' and is_model_named then 1 else 0 end) as modelled_parts,
        coalesce(max(case when kind = 'tokens' then rate_day end), max(rate_day)) as rate_day
    from reconciled_part
    group by month_start, provider
),

months_seen as (
    select month_start, provider from usage_summed
    union
    select month_start, provider from lines_booked
    union
    select month_start, provider from lines_served
),

months_joined as (
    select
        m.month_start, m.provider,
        coalesce(u.metered_usd, 0) as metered_usd,
        coalesce(u.metered_czk, 0) as metered_czk,
        coalesce(b.net_czk, 0) as net_czk,
        coalesce(n.net_usd, 0) as net_usd,
        coalesce(b.vat_czk, 0) as vat_czk,
        coalesce(b.is_provisional, false) as is_provisional,
        coalesce(s.token_parts, 0) > 0 as has_tokens,
        coalesce(s.modelled_parts, 0) > 0 as is_modelled,
        coalesce(s.rate_day, b.rate_day, last_day(m.month_start)) as rate_day
    from months_seen as m
    left join usage_summed as u on u.month_start = m.month_start and u.provider = m.provider
    left join lines_booked as b on b.month_start = m.month_start and b.provider = m.provider
    left join net_usd_booked as n on n.month_start = m.month_start and n.provider = m.provider
    left join lines_served as s on s.month_start = m.month_start and s.provider = m.provider
)

select
    j.month_start, j.provider, j.metered_usd, j.metered_czk, j.net_czk, j.net_usd, j.vat_czk, j.is_provisional,
    j.has_tokens, j.is_modelled,
    cast(coalesce(
        (select max_by(r.czk_per_unit, r.day) from rate_daily as r where r.currency = 'USD' and r.day <= j.rate_day), 0
    ) as decimal(12, 6)) as czk_per_usd
from months_joined as j;

-- tokens of the providers' months by model: what we metered, and what it costs at list price of each day
create or replace temp table reconciled_model as
with usage_priced as (
    select
        cast(date_trunc('month', g.utc_day) as date) as month_start,
        g.provider, g.model, g.utc_day, g.kind, g.requests, g.metered_usd,
        case when p.model is null
            or (g.input_tokens > 0 and p.input_usd is null) or (g.cached_tokens > 0 and p.cached_usd is null)
            or (g.cache_write_tokens > 0 and p.cache_write_usd is null) or (g.output_tokens > 0 and p.output_usd is null)
            then 1 else 0 end as is_unpriced,
        cast(
            cast(g.input_tokens as decimal(15, 0)) * coalesce(p.input_usd, 0)
            + cast(g.cached_tokens as decimal(15, 0)) * coalesce(p.cached_usd, 0)
            + cast(g.cache_write_tokens as decimal(15, 0)) * coalesce(p.cache_write_usd, 0)
            + cast(g.output_tokens as decimal(15, 0)) * coalesce(p.output_usd, 0)
            as decimal(30, 6)
        ) as list_micro
    from gateway_daily as g
    left join price_held as p on p.model = g.model and g.utc_day >= p.valid_from and g.utc_day < p.valid_to
),

reports_reach as (  -- days that a provider's usage report covers, also those without use
    select provider, min(day) as first_day, max(day) as last_day from fact_provider_usage group by provider
),

usage_summed as (
    select
        u.month_start, u.provider, u.model,
        sum(u.requests) as requests,
        sum(u.metered_usd) as metered_usd,
        sum(case when u.kind = 'plain' then u.metered_usd else 0 end) as plain_usd,
        sum(case when u.kind = 'cached' then u.metered_usd else 0 end) as cached_usd,
        sum(case when u.kind = 'plain' then u.list_micro else 0 end) as plain_list,
        sum(case when u.kind = 'cached' then u.list_micro else 0 end) as cached_list,
        sum(case when u.utc_day between r.first_day and r.last_day and u.kind <> 'untold' then u.list_micro else 0 end)
            as reported_list,
        sum(case when u.utc_day between r.first_day and r.last_day and u.kind = 'untold' then u.metered_usd else 0 end)
            as reported_untold_usd,
        max(case when u.kind <> 'untold' then u.is_unpriced else 0 end) as is_unpriced
    from usage_priced as u
    left join reports_reach as r on r.provider = u.provider
    group by u.month_start, u.provider, u.model
),

reports_priced as (
    select
        cast(date_trunc('month', f.day) as date) as month_start,
        f.provider,
        coalesce(m.model, f.model, 'unknown') as model,
        coalesce(m.is_mapped, false) as is_mapped,
        g.provider is not null and f.sub_account_id is not null as is_by_project,
        g.provider is not null and f.sub_account_id is not null and a.sub_account_id is null as is_foreign,
        case when p.model is null then 1 else 0 end as is_unpriced,
        cast(
            cast(coalesce(f.input_tokens, 0) as decimal(15, 0)) * coalesce(p.input_usd, 0)
            + cast(coalesce(f.cached_tokens, 0) as decimal(15, 0)) * coalesce(p.cached_usd, 0)
            + cast(coalesce(f.cache_write_tokens, 0) as decimal(15, 0)) * coalesce(p.cache_write_usd, 0)
            + cast(coalesce(f.output_tokens, 0) as decimal(15, 0)) * coalesce(p.output_usd, 0)
            as decimal(30, 6)
        ) as list_micro
    from fact_provider_usage as f
    left join model as m on m.name = f.model
    left join price_held as p on p.model = m.model and f.day >= p.valid_from and f.day < p.valid_to
    left join gateway_account as a on a.provider = f.provider and a.sub_account_id = f.sub_account_id
    left join (select distinct provider from gateway_account) as g on g.provider = f.provider
),

reports_summed as (
    select
        month_start, provider, model,
        max(is_unpriced) as is_unpriced,
        bool_or(is_mapped) as is_mapped,
        bool_or(is_by_project) as is_by_project,
        bool_or(not is_foreign) as is_own,
        sum(case when is_foreign then 0 else list_micro end) as list_micro,
        sum(case when is_foreign then list_micro else 0 end) as foreign_micro
    from reports_priced
    group by month_start, provider, model
)

select
    coalesce(u.month_start, r.month_start) as month_start,
    coalesce(u.provider, r.provider) as provider,
    coalesce(u.model, r.model) as model,
    coalesce(u.requests, 0) > 0 as is_seen,
    coalesce(r.is_mapped, true) as is_mapped,
    coalesce(r.is_own, false) as is_reported,
    coalesce(r.is_by_project, false) as is_by_project,
    greatest(coalesce(u.is_unpriced, 0), coalesce(r.is_unpriced, 0)) = 1 as is_unpriced,
    coalesce(u.metered_usd, 0) as metered_usd,
    coalesce(u.plain_usd, 0) as plain_usd,
    coalesce(u.cached_usd, 0) as cached_usd,
    cast(coalesce(u.plain_list, 0) as decimal(32, 6)) * 0.000001 as plain_list,
    cast(coalesce(u.cached_list, 0) as decimal(32, 6)) * 0.000001 as cached_list,
    cast(coalesce(u.reported_list, 0) as decimal(32, 6)) * 0.000001 as reported_list,
    coalesce(u.reported_untold_usd, 0) as reported_untold_usd,
    cast(coalesce(r.list_micro, 0) as decimal(32, 6)) * 0.000001 as provider_list,
    cast(coalesce(r.foreign_micro, 0) as decimal(32, 6)) * 0.000001 as foreign_list
from usage_summed as u
full join reports_summed as r on r.month_start = u.month_start and r.provider = u.provider and r.model = u.model;

-- what each cause makes, in USD where tokens are priced, in CZK where lines are read
create or replace temp table reconciled_cause as
with boundaries_crossed as (
    select cast(date_trunc('month', utc_day) as date) as month_start, provider, metered_usd as usd
    from gateway_daily
    where date_trunc('month', utc_day) <> date_trunc('month', day)
    union all
    select cast(date_trunc('month', day) as date), provider, -metered_usd
    from gateway_daily
    where date_trunc('month', utc_day) <> date_trunc('month', day)
),

-- without cached tokens the price alone can be wrong; how wrong it is there is taken off where there are cached ones
models_expected as (
    select
        month_start, provider, model, is_seen, is_mapped, is_reported, is_unpriced, metered_usd, plain_usd, cached_usd,
        plain_list, cached_list, reported_list, reported_untold_usd, provider_list, foreign_list,
        case
            when plain_list > 0 and plain_usd > 0 and plain_usd <> plain_list
                then cast(
                    round(cast(cached_list as double) * (cast(plain_usd as double) / cast(plain_list as double)), 9)
                    as decimal(38, 12)
                )
            else cached_list
        end as cached_expected
    from reconciled_model
),

parts_placed as (  -- is_bypass: a provider, a project or a model that the gateway has not used
    select
        p.month_start, p.provider, p.kind, p.model, p.net_czk, p.net_usd, p.worth_czk, p.worth_usd, p.discount_czk,
        p.czk_per_usd,
        p.kind = 'tokens' and coalesce(
            not coalesce(v.is_used, false)
            or (p.sub_account_id is not null and g.has_accounts and a.sub_account_id is null)
            or (p.is_model_named and p.is_mapped and not coalesce(s.is_seen, false)),
            false
        ) as is_bypass,
        -- a report without projects holds the other projects' tokens as well
        coalesce(s.is_seen and s.is_reported and not s.is_by_project and not s.is_unpriced, false) as is_in_volume
    from reconciled_part as p
    left join gateway_account as a on a.provider = p.provider and a.sub_account_id = p.sub_account_id
    left join (select distinct provider, true as has_accounts from gateway_account) as g on g.provider = p.provider
    left join reconciled_model as s
        on s.month_start = p.month_start and s.provider = p.provider and s.model = p.model
    left join (
        select month_start, provider, bool_or(is_seen) as is_used from reconciled_model group by month_start, provider
    ) as v on v.month_start = p.month_start and v.provider = p.provider
),

usd_listed as (
    select month_start, provider, 'day_boundary' as cause, usd from boundaries_crossed
    union all
    select month_start, provider, 'price', (plain_list - plain_usd) + (cached_list - cached_expected)
    from models_expected
    where not is_unpriced and is_seen
    union all
    select month_start, provider, 'cached', cached_expected - cached_usd
    from models_expected
    where not is_unpriced and is_seen
    union all
    select month_start, provider, 'volume', provider_list - reported_list - reported_untold_usd
    from models_expected
    where not is_unpriced and is_seen and is_reported
    union all
    select month_start, provider, 'volume', -worth_usd
    from parts_placed
    where is_bypass and is_in_volume
),

months_unmodelled as (  -- the bill names no models: the provider's report may tell what the gateway never saw
    select
        e.month_start, e.provider,
        e.foreign_list + case when e.is_seen or not e.is_mapped then 0 else e.provider_list end as usd
    from models_expected as e
    join reconciled_month as m on m.month_start = e.month_start and m.provider = e.provider
    where not m.is_modelled and m.has_tokens and not e.is_unpriced
        and exists (
            select 1 from reconciled_model as v where v.month_start = e.month_start and v.provider = e.provider and v.is_seen
        )
),

priced_summed as (
    select month_start, provider, cause, sum(usd) as usd
    from (
        select month_start, provider, cause, usd from usd_listed
        union all
        select month_start, provider, 'bypass', usd from months_unmodelled
    )
    group by month_start, provider, cause
),

lines_summed as (
    select month_start, provider, 'bypass' as cause, sum(worth_usd) as usd, sum(worth_czk) as czk
    from parts_placed
    where is_bypass
    group by month_start, provider
    union all
    select
        month_start, provider, 'discount',
        sum(cast(round(cast(discount_czk as double) / nullif(cast(czk_per_usd as double), 0), 6) as decimal(38, 12))),
        sum(discount_czk)
    from parts_placed
    where discount_czk is not null and not is_bypass
    group by month_start, provider
    union all
    select month_start, provider, 'fees', sum(net_usd), sum(net_czk)
    from parts_placed
    where kind = 'fees'
    group by month_start, provider
    union all
    select
        month_start, provider, 'credits', sum(net_usd) - sum(worth_usd), sum(net_czk) - sum(worth_czk)
    from parts_placed
    where kind in ('credits', 'tokens')
    group by month_start, provider
),

served_summed as (
    select month_start, provider, sum(net_usd) as usd, sum(net_czk) as czk
    from parts_placed
    where kind <> 'tax'
    group by month_start, provider
),

causes_joined as (
    select month_start, provider, cause, usd, czk from lines_summed
    union all
    select
        p.month_start, p.provider, p.cause, p.usd,
        cast(p.usd as decimal(26, 12)) * m.czk_per_usd
    from priced_summed as p
    join reconciled_month as m on m.month_start = p.month_start and m.provider = p.provider
    where m.has_tokens
    union all
    select
        month_start, provider, 'exchange_rate', 0,
        cast(metered_usd as decimal(26, 12)) * czk_per_usd - metered_czk
    from reconciled_month
    where has_tokens
    union all
    select month_start, provider, 'not_billed', -metered_usd, -metered_czk
    from reconciled_month
    where not has_tokens
    union all
    select m.month_start, m.provider, 'period', m.net_usd - coalesce(s.usd, 0), m.net_czk - coalesce(s.czk, 0)
    from reconciled_month as m
    left join served_summed as s on s.month_start = m.month_start and s.provider = m.provider
)

select month_start, provider, cause, cast(sum(usd) as decimal(38, 12)) as usd, cast(sum(czk) as decimal(38, 18)) as czk
from causes_joined
group by month_start, provider, cause;

delete from reconciliation;

insert into reconciliation by name
with steps_named as (
    select position, cause
    from (
        values
            (2, 'exchange_rate'), (3, 'day_boundary'), (4, 'price'), (5, 'cached'), (6, 'volume'), (7, 'discount'),
            (8, 'bypass'), (9, 'fees'), (10, 'credits'), (11, 'period'), (12, 'not_billed')
    ) as s (position, cause)
),

causes_placed as (
    select m.month_start, m.provider, s.position, s.cause, coalesce(c.usd, 0) as usd, coalesce(c.czk, 0) as czk
    from reconciled_month as m
    cross join steps_named as s
    left join reconciled_cause as c
        on c.month_start = m.month_start and c.provider = m.provider and c.cause = s.cause
),

explained as (
    select month_start, provider, sum(usd) as usd, sum(czk) as czk
    from causes_placed
    group by month_start, provider
),

unknown_noted as (
    select
        m.month_start, m.provider,
        nullif(concat_ws(
            ' ',
            case when m.is_provisional then 'provisional' end,
            case when m.has_tokens and not bool_or(coalesce(d.is_reported, false)) then 'no_provider_usage' end,
            case when m.has_tokens and bool_or(coalesce(d.is_seen and d.is_unpriced, false)) then 'no_price' end,
            case when m.has_tokens and not m.is_modelled then 'no_models' end
        ), '') as note
    from reconciled_month as m
    left join reconciled_model as d on d.month_start = m.month_start and d.provider = m.provider
    group by m.month_start, m.provider, m.is_provisional, m.has_tokens, m.is_modelled
),

steps_listed as (
    select month_start, provider, 1 as position, 'metered' as cause, metered_usd as usd, metered_czk as czk
    from reconciled_month
    union all
    select month_start, provider, position, cause, usd, czk from causes_placed
    union all
    select
        m.month_start, m.provider, 13, 'residual',
        m.net_usd - m.metered_usd - e.usd,
        m.net_czk - m.metered_czk - e.czk
    from reconciled_month as m
    join explained as e on e.month_start = m.month_start and e.provider = m.provider
    union all
    select month_start, provider, 14, 'billed_net', net_usd, net_czk from reconciled_month
    union all
    select
        month_start, provider, 15, 'vat',
        cast(coalesce(round(cast(vat_czk as double) / nullif(cast(czk_per_usd as double), 0), 6), 0) as decimal(38, 12)),
        vat_czk
    from reconciled_month
    union all
    select
        month_start, provider, 16, 'billed',
        net_usd + cast(
            coalesce(round(cast(vat_czk as double) / nullif(cast(czk_per_usd as double), 0), 6), 0) as decimal(38, 12)
        ),
        net_czk + vat_czk
    from reconciled_month
)

select
    s.month_start, s.provider, s.position, s.cause,
    cast(s.usd as decimal(38, 12)) as usd,
    cast(s.czk as decimal(38, 18)) as czk,
    case when s.cause in ('residual', 'billed_net') then n.note end as note
from steps_listed as s
join unknown_noted as n on n.month_start = s.month_start and n.provider = s.provider
order by s.month_start, s.provider, s.position;

drop table reconciled_line;
drop table reconciled_part;
drop table reconciled_month;
drop table reconciled_model;
drop table reconciled_cause;
