-- fx_rate -> rate_daily: for every day up to today the last published rate on or before it, the Czech National Bank's
-- before the European Central Bank's for the same day (metrics.md, Money). Differences dirty their days.
-- Two days more, since a source's clock may be ahead of ours; and never less than there is use, should ours be set back.
create or replace temp table new_rate_daily as
with rates_preferred as (
    select day, currency, czk_per_unit, origin
    from fx_rate
    qualify row_number() over (partition by day, currency order by origin = 'cnb' desc, origin) = 1
),

spans as (
    select
        currency,
        min(day) as first_day,
        greatest(cast($today as date) + 2, max(day), (select max(day) from usage_daily)) + 1 as end_day
    from rates_preferred
    group by currency
),

days as (
    select currency, unnest(range(first_day, end_day, interval 1 day)) as day from spans
)

-- six decimals, as all conversions use it: exact for the bank's own rates, and what is shown is what was used
select
    cast(d.day as date) as day,
    d.currency,
    cast(round(r.czk_per_unit, 6) as decimal(18, 8)) as czk_per_unit,
    r.day as published_day,
    r.origin
from days as d
asof join rates_preferred as r on r.currency = d.currency and r.day <= d.day;

create or replace temp table changed_rate as
(select day, currency, czk_per_unit from new_rate_daily except select day, currency, czk_per_unit from rate_daily)
union
(select day, currency, czk_per_unit from rate_daily except select day, currency, czk_per_unit from new_rate_daily);

insert into ops.dirty_day
select distinct day
from usage_daily
where metered_usd <> 0 and day in (select day from changed_rate where currency = 'USD');

delete from rate_daily;
insert into rate_daily select * from new_rate_daily order by currency, day;
