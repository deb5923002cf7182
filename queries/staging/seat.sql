-- landing_seat, landing_account -> account, fact_seat. A report's holders are accounts like any other, so that one person
-- is one person whichever system names them. A newer report of a kind replaces the product's whole day.
insert into account (account_key, person_key)
select k.account_key, k.account_key
from (
    select holder_key as account_key from landing_seat
    union
    select account_key from landing_account
    union
    select person_key from landing_account
) as k
where not exists (select 1 from account as a where a.account_key = k.account_key)
order by k.account_key;

update account
set person_key = l.person_key
from landing_account as l
where l.account_key = account.account_key and account.person_key is distinct from l.person_key;

update account
set email_domain = l.email_domain
from (
    select holder_key, any_value(email_domain) as email_domain
    from landing_seat
    where email_domain is not null
    group by holder_key
) as l
where l.holder_key = account.account_key and account.email_domain is distinct from l.email_domain;

delete from fact_seat
where kind = $kind and (product, report_day) in (select (product, report_day) from landing_seat);

insert into fact_seat by name
select
    $document_id as document_id,
    $kind as kind,
    l.product,
    l.report_day,
    a.account_no,
    l.is_identified,
    l.assigned_day,
    l.status,
    l.last_active_day,
    l.is_activity_known,
    l.period_start,
    l.period_end,
    l.uses,
    l.credits_used,
    l.allowance
from landing_seat as l
join account as a on a.account_key = l.holder_key
order by l.product, l.report_day, a.account_no;
