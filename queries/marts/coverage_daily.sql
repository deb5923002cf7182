-- coverage_daily: one row per day and source: how much of use and of metered cost is known to whom it belongs.
select
    u.day,
    u.source,
    count(*) as requests,
    cast(sum(case when u.person_no is not null or u.is_service then 1 else 0 end) as bigint) as requests_with_person,
    cast(sum(case when u.direct_unit is not null or h.unit is not null or u.is_service then 1 else 0 end) as bigint)
        as requests_with_unit,
    cast(sum(case when u.is_mapped then 1 else 0 end) as bigint) as requests_with_model,
    cast(sum(coalesce(u.metered_usd, 0)) as decimal(38, 12)) as metered_usd,
    cast(sum(case when u.person_no is not null or u.is_service then coalesce(u.metered_usd, 0) else 0 end) as decimal(38, 12))
        as metered_usd_with_person,
    cast(
        sum(
            case
                when u.direct_unit is not null or h.unit is not null or u.is_service then coalesce(u.metered_usd, 0)
                else 0
            end
        ) as decimal(38, 12)
    ) as metered_usd_with_unit
from use as u
left join home_unit as h
    on h.person_no = u.person_no and h.is_primary and u.day >= h.valid_from and u.day < h.valid_to
group by u.day, u.source
order by 1, 2
