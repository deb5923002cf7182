-- one row per person and month: what they used, in thousand-millionths of a dollar, tokens and requests of their own
select
    p.person_no,
    p.month_start,
    cast(cast(sum(p.metered_usd) as decimal(28, 9)) * 1000000000 as bigint) as nano_usd,
    cast(sum(p.billed_tokens) as bigint) as billed_tokens,
    cast(sum(p.user_requests) as bigint) as user_requests,
from person_month as p
join unit_closure as c on c.unit = p.unit
where
    c.ancestor = $unit
    and p.month_start >= $start
    and p.month_start < $end
    and ($role = '' or p.role = $role)
group by p.person_no, p.month_start
order by p.person_no, p.month_start
