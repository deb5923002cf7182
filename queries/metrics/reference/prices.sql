-- title: Prices of tokens
-- about: Price per million tokens from a day on: public list prices as the package genai-prices knew them on the day
--        noted, and those of prices.csv (negotiated ones, and shadow prices of self-hosted models), which stand before
--        them. A price from 1970 on has no known first day. Of tiered prices the first tier is shown.
--        A name without a version has no public price.
-- grain: one row per model and first day
-- access: all
-- column: model varchar [text]  model as counted
-- column: valid_from date [day]  first day
-- column: valid_to date [day]  day after the last; 9999-12-31 is open
-- column: kind varchar [text]  list, internal (negotiated) or shadow (what a self-hosted model would cost elsewhere)
-- column: input_usd decimal(12,6) [usd]  per 1,000,000 tokens of uncached input; null is unknown
-- column: cached_usd decimal(12,6) [usd]  of input read from the cache
-- column: cache_write_usd decimal(12,6) [usd]  of input written to the cache
-- column: output_usd decimal(12,6) [usd]  of output
-- column: origin varchar [text]  prices.csv, or the package with its version
-- column: noted_day date [day]  when the package was asked; null for prices.csv
select
    model,
    valid_from,
    valid_to,
    kind,
    input_usd,
    cached_usd,
    cache_write_usd,
    output_usd,
    origin,
    noted_day,
from price
order by model, valid_from
