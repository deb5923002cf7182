-- person_daily: one row per day and person with any use. The unit is the primary home unit of the day; where nobody
-- says where a person belongs, the unit that paid for most of the day's requests.
with usage_by_person as (
    select
        u.day,
        u.person_no,
        u.unit,
        sum(u.user_requests) as user_requests,
        sum(u.requests) as requests,
        sum(u.input_tokens + u.cached_tokens + u.cache_write_tokens + u.output_tokens) as billed_tokens,
        sum(u.metered_usd) as metered_usd,
        sum(u.metered_czk) as metered_czk,
        sum(case when u.metered_czk is null then 1 else 0 end) as unrated
    from usage_daily as u
    join dirty_day as d on d.day = u.day
    where u.person_no is not null
    group by u.day, u.person_no, u.unit
),

units_ranked as (
    select
        p.day,
        p.person_no,
        p.unit,
        row_number() over (partition by p.day, p.person_no order by p.user_requests desc, p.requests desc, p.unit) as place
    from usage_by_person as p
),

people as (
    select
        p.day,
        p.person_no,
        cast(sum(p.user_requests) as bigint) as user_requests,
        cast(sum(p.billed_tokens) as bigint) as billed_tokens,
        cast(sum(p.metered_usd) as decimal(38, 12)) as metered_usd,
        cast(case when sum(p.unrated) = 0 then sum(p.metered_czk) end as decimal(38, 18)) as metered_czk
    from usage_by_person as p
    group by p.day, p.person_no
)

select
    p.day,
    p.person_no,
    coalesce(h.unit, r.unit) as unit,
    coalesce(h.role, 'other') as role,
    p.user_requests,
    p.billed_tokens,
    p.metered_usd,
    p.metered_czk
from people as p
join units_ranked as r on r.day = p.day and r.person_no = p.person_no and r.place = 1
left join home_unit as h
    on h.person_no = p.person_no and h.is_primary and p.day >= h.valid_from and p.day < h.valid_to
order by p.day, p.person_no
