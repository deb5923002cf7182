-- Second step of reconciling: usage, bills and the providers' reports by month -> reconciled_month, reconciled_model.
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
