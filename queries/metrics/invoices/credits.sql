-- title: Prepaid credits
-- about: What was bought in advance, what of it was used and what lapsed; grants beside them. These are different
--        measures and never added up: a purchase is paid, use and expiry are what it turned into.
-- grain: one row per provider and currency
-- access: university
-- param: start date  first day; its whole month counts
-- param: end date  day after the last; its whole month counts
-- column: provider varchar [text]  whose credits
-- column: currency varchar [text]  currency of the amounts
-- column: purchased decimal(38,12) [count]  bought in the period
-- column: burned_down decimal(38,12) [count]  used in the period
-- column: expired decimal(38,12) [count]  lapsed unused in the period
-- column: granted decimal(38,12) [count]  given for nothing in the period
-- column: left decimal(38,12) [count]  bought and granted until the end of the period and neither used nor lapsed
-- column: purchased_czk decimal(38,18) [czk]  bought, at the rate of the day; null where a day has no rate
-- column: burned_down_czk decimal(38,18) [czk]  used
-- column: expired_czk decimal(38,18) [czk]  lapsed
with credits_marked as (
    select
        provider,
        currency,
        credit_kind,
        amount,
        czk,
        last_day(month_start) >= $start as is_within,
    from credit
    where month_start < $end
)

select
    provider,
    currency,
    sum(case when is_within and credit_kind = 'purchase' then amount else 0 end) as purchased,
    sum(case when is_within and credit_kind = 'burn_down' then amount else 0 end) as burned_down,
    sum(case when is_within and credit_kind = 'expiry' then amount else 0 end) as expired,
    sum(case when is_within and credit_kind = 'grant' then amount else 0 end) as granted,
    sum(case when credit_kind in ('purchase', 'grant') then amount else -amount end) as left,
    case
        when count(czk) filter (where is_within and credit_kind = 'purchase')
            = count(*) filter (where is_within and credit_kind = 'purchase')
            then coalesce(sum(czk) filter (where is_within and credit_kind = 'purchase'), 0)
    end as purchased_czk,
    case
        when count(czk) filter (where is_within and credit_kind = 'burn_down')
            = count(*) filter (where is_within and credit_kind = 'burn_down')
            then coalesce(sum(czk) filter (where is_within and credit_kind = 'burn_down'), 0)
    end as burned_down_czk,
    case
        when count(czk) filter (where is_within and credit_kind = 'expiry')
            = count(*) filter (where is_within and credit_kind = 'expiry')
            then coalesce(sum(czk) filter (where is_within and credit_kind = 'expiry'), 0)
    end as expired_czk,
from credits_marked
group by provider, currency
order by provider, currency
