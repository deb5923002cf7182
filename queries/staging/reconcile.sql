-- Last step of reconciling, after reconcile_lines and reconcile_usage: -> reconciliation, per month and provider the
-- steps from what the gateway metered to what was billed, in a fixed order; the residual closes the sum.
-- Every cause is defined in docs/reconciliation.md. Money is decimal throughout; only shares are doubles.

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
