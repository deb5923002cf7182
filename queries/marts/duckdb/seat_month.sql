-- seat_month: one row per month, product and holder, by the month's last report that names holders. Made anew at each
-- publication, for the seats of a university are few. Rules (docs/seats.md): active 28 days; idle from 30 days on, never
-- before the licence is 60 days old; at the limit from 95 % on.
delete from seat_month;

insert into seat_month by name
with holders_found as (
    select
        s.kind,
        s.product,
        s.report_day,
        cast(date_trunc('month', s.report_day) as date) as month_start,
        r.person_no as holder_no,
        bool_or(s.is_identified) as is_identified,
        cast(count_if(s.status <> 'removed') as integer) as seats,
        bool_or(s.status = 'assigned') as is_assigned,
        min(s.assigned_day) as assigned_day,
        max(s.last_active_day) as last_active_day,
        bool_or(s.is_activity_known) as is_activity_known,
        min(s.period_start) as period_start,
        max(s.period_end) as period_end,
        sum(s.uses) as uses,
        sum(s.credits_used) as credits_used,
        max(s.allowance) as allowance
    from fact_seat as s
    join account_rule as r on r.account_no = s.account_no
    group by s.kind, s.product, s.report_day, r.person_no
),

periods_parted as (  -- a use is counted once, though reports on weeks and months overlap
    select
        h.kind,
        h.product,
        h.report_day,
        h.month_start,
        h.holder_no,
        h.is_identified,
        h.assigned_day,
        h.last_active_day,
        h.is_activity_known,
        h.period_start,
        h.period_end,
        h.uses,
        h.credits_used,
        h.allowance,
        h.period_start >= coalesce(
            max(h.period_end) over (
                partition by h.kind, h.product, h.holder_no
                order by h.report_day
                rows between unbounded preceding and 1 preceding
            ),
            date '1900-01-01'
        ) as is_apart
    from holders_found as h
),

plans_found as (
    select
        plan,
        valid_from,
        coalesce(lead(valid_from) over (partition by plan order by valid_from), valid_to, date '9999-12-31') as valid_to,
        includes,
        reset,
        allowance
    from plan
    where not is_pooled and allowance is not null
),

limits_weighed as (  -- what each report says of an allowance
    select
        h.kind,
        h.product,
        h.month_start,
        h.report_day,
        h.holder_no,
        case
            when h.allowance is not null then h.credits_used >= cast(h.allowance as decimal(30, 6)) * 0.95
            when p.reset = 'week' and h.period_end - h.period_start = 7 then
                case when p.includes = 'messages' then h.uses else h.credits_used end
                >= cast(p.allowance as decimal(30, 6)) * 0.95
        end as is_at_limit
    from periods_parted as h
    left join plans_found as p
        on p.plan = h.product and h.report_day >= p.valid_from and h.report_day < p.valid_to
),

months_told as (
    select
        h.product,
        h.month_start,
        h.holder_no,
        bool_or(h.is_identified) as is_identified,
        bool_or(h.is_activity_known) as is_activity_known,
        least(min(h.report_day), min(h.assigned_day)) as licence_day,
        max(h.last_active_day) as last_active_day,
        cast(sum(h.uses) filter (h.kind = 'roster' and h.is_apart) as bigint) as uses,
        greatest(
            sum(h.credits_used) filter (h.kind = 'roster' and h.is_apart),
            sum(h.credits_used) filter (h.kind = 'activity' and h.is_apart)
        ) as credits_used,
        bool_or(l.is_at_limit) as is_at_limit
    from periods_parted as h
    join limits_weighed as l
        on l.kind = h.kind and l.product = h.product and l.report_day = h.report_day and l.holder_no = h.holder_no
    group by h.product, h.month_start, h.holder_no
),

holders_known as (  -- what was ever told up to the month
    select
        t.product,
        t.month_start,
        t.holder_no,
        t.uses,
        t.credits_used,
        t.is_at_limit,
        bool_or(t.is_identified) over told as is_identified,
        bool_or(t.is_activity_known) over told as is_activity_known,
        min(t.licence_day) over told as licence_day,
        max(t.last_active_day) over told as last_active_day
    from months_told as t
    window told as (
        partition by t.product, t.holder_no order by t.month_start rows between unbounded preceding and current row
    )
),

last_rosters as (
    select product, month_start, max(report_day) as report_day
    from holders_found
    where kind = 'roster'
    group by product, month_start
),

homes_found as (
    select r.product, r.month_start, h.person_no, max_by(h.unit, h.valid_from) as unit
    from last_rosters as r
    join home_unit as h on h.is_primary and h.valid_from <= r.report_day
    where h.person_no in (select holder_no from holders_found)
    group by r.product, r.month_start, h.person_no
),

persons_known as (  -- an id that is no address may still be one that another source knows
    select r.person_no
    from source_account as s
    join account_rule as r on r.account_no = s.account_no
    union
    select n.person_no
    from person_unit as u
    join person as n on n.person_key = u.person_key
),

leavers_found as (
    select n.person_no, max(u.valid_to) as left_day
    from person_unit as u
    join person as n on n.person_key = u.person_key
    group by n.person_no
),

seats_held as (
    select
        h.month_start,
        h.product,
        h.report_day,
        h.holder_no,
        case when k.is_identified or n.person_no is not null then h.holder_no end as person_no,
        coalesce(o.unit, 'UNKNOWN') as unit,
        h.seats,
        case when h.is_assigned then 'assigned' else 'pending' end as status,
        k.licence_day,
        k.last_active_day,
        k.is_activity_known,
        coalesce(v.left_day <= h.report_day, false) as has_left,
        h.report_day - k.licence_day < 60 as is_young,
        k.uses,
        k.credits_used,
        coalesce(
            k.is_at_limit,
            case when p.reset = 'month' then
                case when p.includes = 'messages' then k.uses else k.credits_used end
                >= cast(p.allowance as decimal(30, 6)) * 0.95
            end
        ) as is_at_limit
    from holders_found as h
    join last_rosters as r
        on r.product = h.product and r.month_start = h.month_start and r.report_day = h.report_day
    join holders_known as k
        on k.product = h.product and k.month_start = h.month_start and k.holder_no = h.holder_no
    left join homes_found as o
        on o.product = h.product and o.month_start = h.month_start and o.person_no = h.holder_no
    left join persons_known as n on n.person_no = h.holder_no
    left join leavers_found as v on v.person_no = h.holder_no
    left join plans_found as p
        on p.plan = h.product and h.report_day >= p.valid_from and h.report_day < p.valid_to
    where h.kind = 'roster' and h.seats > 0
)

select
    month_start,
    product,
    report_day,
    holder_no,
    person_no,
    unit,
    seats,
    status,
    licence_day,
    last_active_day,
    is_activity_known,
    last_active_day is not null as is_activated,
    coalesce(last_active_day > report_day - 28, false) as is_active,
    is_young,
    is_at_limit,
    case
        when has_left then 'left'
        when not is_activity_known or is_young then null
        when last_active_day is null then 'never_used'
        when report_day - last_active_day >= 30 then 'idle'
    end as reason,
    uses,
    credits_used
from seats_held
order by month_start, product, holder_no;
