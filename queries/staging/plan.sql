-- landing_plan -> plan: the files as they are now are the whole truth.
delete from plan;

insert into plan by name
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
    note
from landing_plan;
