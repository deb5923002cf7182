-- metered_daily: one row per local day, UTC day, paying unit, gateway key, provider and model. What invoices are shared
-- by: providers bill UTC days, so the instant counts; who pays is as of the local day of use, as in usage_daily.
-- With several home units each takes its share, cut to 12 digits; the primary one keeps the remainder.
with cells as (
    select
        day, utc_day, person_no, is_service, direct_unit, key_no, provider, model,
        cast(sum(case when status = 'success' then 1 else 0 end) as bigint) as requests,
        cast(
            sum(
                coalesce(input_tokens, 0) + coalesce(cached_tokens, 0) + coalesce(cache_write_tokens, 0)
                + coalesce(output_tokens, 0)
            ) as bigint
        ) as billed_tokens,
        cast(sum(coalesce(metered_usd, 0)) as decimal(38, 12)) as cell_usd
    from use
    group by day, utc_day, person_no, is_service, direct_unit, key_no, provider, model
),

cells_placed as (
    select
        c.day, c.utc_day, c.key_no, c.provider, c.model, c.requests, c.billed_tokens, c.cell_usd, c.person_no,
        coalesce(c.direct_unit, h.unit, case when c.is_service then 'SHARED' else 'UNKNOWN' end) as unit,
        coalesce(h.weight, cast(1 as decimal(9, 6))) as weight,
        coalesce(h.is_primary, true) as is_primary,
        h.valid_from
    from cells as c
    left join home_unit as h
        on h.person_no = c.person_no and c.direct_unit is null and c.day >= h.valid_from and c.day < h.valid_to
),

-- what each further home unit takes from the primary one
shares as (
    select
        c.day, c.utc_day, c.key_no, c.provider, c.model, c.unit, p.unit as primary_unit,
        cast(floor(c.requests * c.weight) as bigint) as taken_requests,
        cast(floor(c.billed_tokens * c.weight) as bigint) as taken_tokens,
        cast(
            round(cast(c.cell_usd as decimal(28, 12)) * cast(c.weight as decimal(9, 6)), 12) as decimal(38, 12)
        ) as taken_usd
    from cells_placed as c
    join home_unit as p on p.person_no = c.person_no and p.valid_from = c.valid_from and p.is_primary
    where not c.is_primary
),

parts as (
    select day, utc_day, unit, key_no, provider, model, requests as part_requests, billed_tokens as part_tokens,
        cell_usd as part_usd
    from cells_placed
    where is_primary
    union all
    select day, utc_day, unit, key_no, provider, model, taken_requests, taken_tokens, taken_usd
    from shares
    union all
    select day, utc_day, primary_unit, key_no, provider, model, -taken_requests, -taken_tokens, -taken_usd
    from shares
)

select
    day,
    utc_day,
    unit,
    key_no,
    provider,
    model,
    cast(sum(part_requests) as bigint) as requests,
    cast(sum(part_tokens) as bigint) as billed_tokens,
    cast(sum(part_usd) as decimal(38, 12)) as metered_usd
from parts
group by day, utc_day, unit, key_no, provider, model
order by day, utc_day, unit, key_no nulls last, provider, model
