-- title: Plans that can be bought
-- about: Every plan known, valid on a day: its fee, what it includes, where that was read and how sure it is. What is not
--        public is empty, never 0.
-- grain: one row per plan
-- access: all
-- param: day date  the day on which a plan is valid
-- column: plan varchar [text]  code
-- column: valid_from date [day]  first day of these terms
-- column: valid_to date [day]  day after the last
-- column: name varchar [text]  as the vendor calls it
-- column: vendor varchar [text]  who sells it
-- column: kind varchar [text]  gateway, chat, coding or copilot
-- column: currency varchar [text]  of the fee
-- column: seat_fee decimal(38,12) [text]  per seat and billing period, before discount and tax; null: not public
-- column: billing_months integer [count]  months that one fee pays for
-- column: minimum_seats integer [count]  fewest seats sold
-- column: maximum_seats integer [count]  most seats sold; null: no limit
-- column: commitment_months integer [count]  months that can't be cancelled
-- column: is_removable boolean [text]  seats can be taken off within the term; null: not stated
-- column: includes varchar [text]  none, credits, messages, usd or unlimited
-- column: allowance decimal(38,12) [text]  per seat and reset period, in that unit; null: not stated
-- column: is_pooled boolean [text]  the seats share their allowance
-- column: reset varchar [text]  month, week or term
-- column: overage varchar [text]  blocked or metered
-- column: overage_price decimal(38,12) [text]  per unit of the allowance; null: as paying for use
-- column: discount decimal(9,6) [share]  off the fee
-- column: source varchar [text]  where this was read
-- column: source_day date [day]  and when
-- column: certainty varchar [text]  high, medium or low
-- column: note varchar [text]  what else to know
select
    plan,
    valid_from,
    valid_to,
    name,
    vendor,
    kind,
    currency,
    seat_fee,
    billing_months,
    minimum_seats,
    maximum_seats,
    commitment_months,
    is_removable,
    includes,
    allowance,
    is_pooled,
    reset,
    overage,
    overage_price,
    discount,
    source,
    source_day,
    certainty,
    note,
from plan
where valid_from <= $day and valid_to > $day
order by plan
