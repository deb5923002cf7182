-- What was used from $start up to, not including, $end by the providers' days; keys apart only where a line names them.
with makers as (
    select model, min(provider) as maker
    from model
    group by model
)

select
    d.utc_day,
    d.unit,
    d.provider,
    d.model,
    case when list_contains(cast($keys as integer[]), d.key_no) then d.key_no end as key_no,
    coalesce(m.maker, '') as maker,
    sum(d.metered_usd) as metered_usd,
    cast(sum(d.billed_tokens) as bigint) as billed_tokens,
    cast(sum(d.requests) as bigint) as requests
from metered_daily as d
left join makers as m on m.model = d.model
where d.utc_day >= $start and d.utc_day < $end
group by 1, 2, 3, 4, 5, 6
order by all
