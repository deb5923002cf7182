-- One row per step of resolving: a mark of everything it reads (rows and sum of their hashes, whatever their order). A
-- step whose mark is the one in ops.resolved would give what stands there already.
with inputs as (
    select 'people' as step, count(*) as held, sum(cast(hash(t) as hugeint)) as hashed
    from (select account_no, account_key, person_key, email_domain from account) as t
    union all
    select 'people', count(*), sum(cast(hash(t, 1) as hugeint)) from (select account_no, is_service from source_account) as t
    union all
    select 'people', count(*), sum(cast(hash(t, 2) as hugeint)) from api_key as t
    union all
    select 'people', count(*), sum(cast(hash(t, 3) as hugeint)) from team as t
    union all
    select 'people', count(*), sum(cast(hash(t, 4) as hugeint)) from service_account as t
    union all
    select 'people', count(*), sum(cast(hash(t, 5) as hugeint)) from unit_name as t
    union all
    select 'people', count(*), sum(cast(hash(t, 6) as hugeint)) from person_unit as t
    union all
    select 'people', count(*), sum(cast(hash(t, 7) as hugeint)) from group_membership as t
    union all
    select 'people', count(*), sum(cast(hash(t, 8) as hugeint)) from group_rule as t
    union all
    select 'people', count(*), sum(cast(hash(t, 9) as hugeint)) from domain_unit as t
    union all
    select 'models', count(*), sum(cast(hash(t) as hugeint)) from model_name as t
    union all
    select 'rates', count(*), sum(cast(hash(t) as hugeint)) from fx_rate as t
    union all
    select 'rates', 0, cast(hash($today) as hugeint)
),

marks as (
    select
        step,
        $stamp || ' ' || string_agg(held || ':' || coalesce(hashed, 0), ' ' order by held, hashed) as mark
    from inputs
    group by step
)

select m.step, m.mark
from marks as m
left join ops.resolved as r on r.step = m.step
where r.mark is distinct from m.mark
order by array_position(['people', 'models', 'rates'], m.step);
