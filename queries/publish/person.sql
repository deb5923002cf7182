with accounts as (
    select
        r.person_no,
        min(s.created_at) as created_at,
        bool_and(s.is_pending) as is_pending
    from build.source_account as s
    join build.account_rule as r on r.account_no = s.account_no
    join build.ops.source as o on o.source = s.source and o.kind in ('gateway', 'chat')  -- an alias is no account
    where not s.is_service and not r.is_service
    group by r.person_no
),

active as (
    select
        person_no,
        min(case when user_requests > 0 then day end) as first_active_day,
        max_by(unit, day) as last_unit
    from build.person_daily
    group by person_no
),

homes as (
    select person_no, unit, role
    from build.home_unit
    where is_primary and (select cast(value as date) from build.ops.setting where key = 'data_through_day') >= valid_from
        and (select cast(value as date) from build.ops.setting where key = 'data_through_day') < valid_to
)

select
    p.person_no,
    p.bit_no,
    coalesce(h.unit, t.last_unit, 'UNKNOWN') as unit,
    coalesce(h.role, 'other') as role,
    a.person_no is not null as has_account,
    coalesce(a.is_pending, false) as is_pending,
    cast(a.created_at at time zone 'UTC' at time zone (
        select value from build.ops.setting where key = 'timezone'
    ) as date) as account_created_day,
    t.first_active_day
from build.person as p
left join accounts as a on a.person_no = p.person_no
left join active as t on t.person_no = p.person_no
left join homes as h on h.person_no = p.person_no
where a.person_no is not null or t.person_no is not null
order by p.person_no
