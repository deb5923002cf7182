select
    plan,
    valid_from,
    least(
        coalesce(valid_to, date '9999-12-31'),
        coalesce(lead(valid_from) over (partition by plan order by valid_from), date '9999-12-31')
    ) as valid_to,
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
    note
from build.plan
order by plan, valid_from
