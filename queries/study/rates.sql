-- published rates of about two years up to the last day of data, oldest first
select
    currency,
    published_day,
    czk_per_unit,
from rate_daily
where
    day <= (select cast(value as date) from setting where key = 'data_through_day')
    and day > (select cast(value as date) - 730 from setting where key = 'data_through_day')
    and day = published_day
order by currency, published_day
