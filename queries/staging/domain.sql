-- landing_domain (account_key, email_domain): the university's domain of addresses seen in requests only.
update account
set email_domain = l.email_domain
from landing_domain as l
where l.account_key = account.account_key
    and account.email_domain is distinct from l.email_domain;
