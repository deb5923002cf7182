-- landing_rating -> fact_rating, merged by rating id; a person may change a rating.
insert into account (account_key, person_key)
select distinct l.account_key, l.account_key
from landing_rating as l
where l.account_key is not null
    and not exists (select 1 from account as a where a.account_key = l.account_key)
order by l.account_key;

create or replace temp table staged_rating as
select
    $source as source,
    md5_number(l.rating_id) as rating_key,
    l.rated_at,
    cast(l.rated_at at time zone 'UTC' at time zone $timezone as date) as day,
    a.account_no,
    coalesce(l.model, 'unknown') as model,
    cast(l.rating as tinyint) as rating
from landing_rating as l
join account as a on a.account_key = l.account_key
qualify row_number() over (partition by l.rating_id order by l.rated_at desc) = 1;

create or replace temp table changed_rating as
select * from staged_rating
except
select * from fact_rating where source = $source and rating_key in (select rating_key from staged_rating);

insert into ops.dirty_day
select day from changed_rating
union
select f.day from fact_rating as f join changed_rating as c on c.rating_key = f.rating_key and c.source = f.source;

delete from fact_rating where source = $source and rating_key in (select rating_key from changed_rating);

insert into fact_rating
select * from changed_rating order by rated_at, rating_key;

insert into model_name (name, is_served)
select distinct c.model, false
from changed_rating as c
where c.model not in (select name from model_name)
order by c.model;
