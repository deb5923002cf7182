-- gateway_daily: one row per local day, UTC day, provider, model and kind of requests at the gateway. Providers bill
-- UTC days, so the instant counts, not the local day. An answer from the gateway's own cache never reached a provider.
-- Kind: plain; cached (cached tokens or cache writes among its tokens); untold (failed, or tokens unknown: no price can
-- be reckoned for it).
with requests_classed as (
    select
        r.day,
        cast(r.started_at as date) as utc_day,
        r.provider,
        m.model,
        case
            when r.status <> 'success' or (r.input_tokens is null and r.output_tokens is null) then 'untold'
            when coalesce(r.cached_tokens, 0) + coalesce(r.cache_write_tokens, 0) > 0 then 'cached'
            else 'plain'
        end as kind,
        case when r.status = 'success' then coalesce(r.input_tokens, 0) else 0 end as input_counted,
        case when r.status = 'success' then coalesce(r.cached_tokens, 0) else 0 end as cached_counted,
        case when r.status = 'success' then coalesce(r.cache_write_tokens, 0) else 0 end as cache_write_counted,
        case when r.status = 'success' then coalesce(r.output_tokens, 0) else 0 end as output_counted,
        coalesce(r.metered_usd, 0) as usd
    from fact_request as r
    join dirty_day as d on d.day = r.day
    join model as m on m.name = r.model
    where not r.is_cache_hit or coalesce(r.metered_usd, 0) <> 0
)

select
    day,
    utc_day,
    provider,
    model,
    kind,
    count(*) as requests,
    cast(sum(input_counted) as bigint) as input_tokens,
    cast(sum(cached_counted) as bigint) as cached_tokens,
    cast(sum(cache_write_counted) as bigint) as cache_write_tokens,
    cast(sum(output_counted) as bigint) as output_tokens,
    cast(sum(usd) as decimal(38, 12)) as metered_usd
from requests_classed
group by day, utc_day, provider, model, kind
order by 1, 2, 3, 4, 5
