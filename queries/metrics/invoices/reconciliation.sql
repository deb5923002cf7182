-- title: From metered to billed
-- about: Why the bills of a month are not what the gateway metered, cause by cause in a fixed order: metered + all
--        causes = billed, exactly; what no cause explains stands as the residual. Causes: exchange_rate, day_boundary,
--        price, cached, volume, discount, bypass, fees, credits, period, not_billed, residual, then billed_net, vat and
--        billed (defined in docs/reconciliation.md).
-- grain: one row per month, provider and step
-- access: university
-- param: start date  first day; its whole month counts
-- param: end date  day after the last; its whole month counts
-- column: month_start date [day]  month booked
-- column: provider varchar [text]  who served the requests or sent the bill
-- column: position integer [count]  place in the order, from 1
-- column: cause varchar [text]  metered, a cause, billed_net (before tax), vat or billed
-- column: usd decimal(38,12) [usd]  amount of the step
-- column: czk decimal(38,18) [czk]  amount of the step
-- column: note varchar [text]  of residual and billed_net: what could not be known, as codes
-- column: status varchar [text]  of the month and provider: matched, deviating (the residual is beyond both thresholds
--         of the configuration), provisional (reports alone), nothing_metered or nothing_billed
with thresholds_given as (
    select
        coalesce(max(try_cast(value as decimal(18, 6))) filter (where key = 'invoice_warn_share'), 0.02) as warn_share,
        coalesce(max(try_cast(value as decimal(18, 6))) filter (where key = 'invoice_warn_czk'), 500) as warn_czk,
    from setting
),

months_summed as (
    select
        month_start,
        provider,
        sum(case when cause = 'metered' then czk else 0 end) as metered_czk,
        sum(case when cause = 'billed_net' then czk else 0 end) as billed_czk,
        sum(case when cause = 'residual' then abs(czk) else 0 end) as residual_czk,
        bool_or(coalesce(note like '%provisional%', false)) as is_provisional,
    from reconciliation
    where month_start < $end and last_day(month_start) >= $start
    group by month_start, provider
),

months_judged as (
    select
        m.month_start,
        m.provider,
        case
            when m.billed_czk = 0 then 'nothing_billed'
            when m.metered_czk = 0 then 'nothing_metered'
            when m.is_provisional then 'provisional'
            when m.residual_czk <= t.warn_czk or m.residual_czk <= t.warn_share * abs(m.billed_czk) then 'matched'
            else 'deviating'
        end as status,
    from months_summed as m
    cross join thresholds_given as t
)

select
    r.month_start,
    r.provider,
    cast(r.position as integer) as position,
    r.cause,
    r.usd,
    r.czk,
    r.note,
    j.status,
from reconciliation as r
join months_judged as j on j.month_start = r.month_start and j.provider = r.provider
order by r.month_start, r.provider, r.position
