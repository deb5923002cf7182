-- one row per person, month, home unit and role: what they used, in dollars, tokens and requests of their own; added up by
-- who reads it, which costs a fifth of doing so here
select
    p.person_no,
    p.month_start,
    p.metered_usd,
    p.billed_tokens,
    p.user_requests,
from person_month as p
join unit_closure as c on c.unit = p.unit
where
    c.ancestor = $unit
    and p.month_start >= $start
    and p.month_start < $end
    and ($role = '' or p.role = $role)
