-- What the reports that an invoice stands in for say of its months: by whom, for which model and project the use was.
with keys_known as (
    select k.api_key_key, min(k.key_no) as key_no, min(r.unit) as unit
    from api_key as k
    left join key_rule as r on r.key_no = k.key_no
    group by k.api_key_key
),

accounts_known as (
    select provider, count(*) as accounts
    from gateway_account
    group by provider
)

select
    l.provider,
    cast(date_trunc('month', s.day) as date) as month_start,
    l.model,
    l.sub_account_id as project,
    l.service_name as service,
    o.unit,
    case when l.unit <> 'UNALLOCATED' and o.unit is null then l.unit end as unknown_unit,
    k.key_no,
    k.unit as key_unit,
    coalesce(any_value(a.accounts), 0) > 0 and l.sub_account_id is not null and any_value(g.provider) is null as is_elsewhere,
    min(s.day) as first_day,
    max(s.day) as last_day,
    sum(d.effective_cost) as amount
from superseded_day as s
join fact_invoice_day as d on d.line_id = s.line_id and d.document_id = s.document_id and d.day = s.day
join fact_invoice_line as l on l.line_id = s.line_id and l.document_id = s.document_id
left join unit as o on o.unit = upper(l.unit) and o.unit <> 'UNALLOCATED'
left join keys_known as k on k.api_key_key = l.api_key_key
left join accounts_known as a on a.provider = l.provider
left join gateway_account as g on g.provider = l.provider and g.sub_account_id = l.sub_account_id
where l.charge_category = 'Usage' and l.credit_kind is null
group by l.provider, date_trunc('month', s.day), l.model, l.sub_account_id, l.service_name, l.unit, o.unit, k.key_no, k.unit
having sum(d.effective_cost) > 0
order by all
