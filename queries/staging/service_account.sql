-- landing_service_account -> service_account.
delete from service_account;

insert into service_account (match_key, kind, name, unit)
select match_key, kind, name, unit
from landing_service_account;
