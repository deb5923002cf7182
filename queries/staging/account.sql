-- landing_account -> account, source_account. A snapshot of all accounts the source lists now: history is kept, an
-- account the source has lost is marked as gone.
insert into account (account_key, person_key)
select k.account_key, k.account_key
from (
    select account_key from landing_account
    union
    select person_key from landing_account
) as k
where not exists (select 1 from account as a where a.account_key = k.account_key)
order by k.account_key;

-- whom people.csv names stands before what a gateway or chat UI says, in whatever order they are read
update account
set person_key = l.person_key, email_domain = coalesce(l.email_domain, account.email_domain)
from landing_account as l
where l.account_key = account.account_key
    and l.account_key <> l.person_key
    and (
        $source = 'directory'
        or account.account_no not in (
            select account_no from source_account where source = 'directory' and not is_gone
        )
    );

update account
set email_domain = l.email_domain
from landing_account as l
where l.person_key = account.account_key
    and l.email_domain is not null
    and account.email_domain is distinct from l.email_domain;

-- an id that people.csv no longer gives to a person is its own person again; a gateway or chat UI that has lost an
-- account has only forgotten who stood behind it
update account
set person_key = account_key
where $source = 'directory'
    and person_key <> account_key
    and account_no in (select account_no from source_account where source = $source and not is_gone)
    and account_key not in (select account_key from landing_account);

update source_account
set is_gone = true
where source = $source
    and account_no not in (
        select a.account_no from account as a join landing_account as l on l.account_key = a.account_key
    );

update source_account
set
    role = l.role,
    is_pending = coalesce(l.is_pending, false),
    is_service = coalesce(l.is_service, false),
    created_at = coalesce(l.created_at, source_account.created_at),
    is_gone = false
from landing_account as l
join account as a on a.account_key = l.account_key
where source_account.source = $source and source_account.account_no = a.account_no;

insert into source_account (source, account_no, role, is_pending, is_service, created_at, first_seen_at, is_gone)
select
    $source, a.account_no, l.role, coalesce(l.is_pending, false), coalesce(l.is_service, false), l.created_at, $now, false
from landing_account as l
join account as a on a.account_key = l.account_key
where not exists (
    select 1 from source_account as s where s.source = $source and s.account_no = a.account_no
)
order by a.account_no;
