-- prices.csv stands before the public prices from its model's first day on
with prices_known as (
    select model, valid_from, kind, input_usd, cached_usd, cache_write_usd, output_usd, 'prices.csv' as origin, null as noted_day
    from build.price_listed
    union all
    select p.model, p.valid_from, 'list', p.input_usd, p.cached_usd, p.cache_write_usd, p.output_usd, p.origin, p.noted_day
    from build.price_public as p
    where p.valid_from < coalesce(
        (select min(l.valid_from) from build.price_listed as l where l.model = p.model), date '9999-12-31'
    )
    qualify row_number() over (partition by p.model, p.valid_from order by p.noted_day desc, p.rowid desc) = 1
)

select
    model,
    valid_from,
    coalesce(lead(valid_from) over (partition by model order by valid_from), date '9999-12-31') as valid_to,
    kind,
    input_usd,
    cached_usd,
    cache_write_usd,
    output_usd,
    origin,
    noted_day
from prices_known
order by model, valid_from
