-- title: Own use by month and model
-- about: What the person who is signed in used and what it cost by metering. Nobody else's use is in it and nothing is
--        hidden: the figures are their own. Empty unless self-service is on.
-- grain: one row per month and model used
-- access: self
-- param: start date  first day; months count from their first day
-- param: end date  day after the last
-- param: person integer  the person signed in, bound by the reader
-- column: month_start date [day]  first day of the month
-- column: model varchar [text]  model as counted
-- column: title varchar [text]  name to show; the model itself where nobody has mapped it
-- column: requests bigint [count]  successful requests
-- column: billed_tokens bigint [tokens]  input + cached + cache write + output
-- column: output_tokens bigint [tokens]  output alone
-- column: metered_czk decimal(38,18) [czk]  metered cost before tax at each day's rate; null = unknown
-- column: requests_without_cost bigint [count]  successful requests whose cost nobody knows
select
    o.month_start,
    o.model,
    coalesce(m.title, o.model) as title,
    o.requests,
    o.input_tokens + o.cached_tokens + o.cache_write_tokens + o.output_tokens as billed_tokens,
    o.output_tokens,
    -- a cost nobody knows is not zero
    case when o.requests_without_cost = 0 or o.metered_usd <> 0 then o.metered_czk end as metered_czk,
    o.requests_without_cost,
from own_month as o
left join model as m on m.model = o.model
where
    o.person_no = $person
    and o.month_start >= $start
    and o.month_start < $end
order by o.month_start, o.metered_czk desc, o.requests desc, o.model
