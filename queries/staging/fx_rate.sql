-- landing_fx_rate -> fx_rate. A published rate never changes; a repeated one must be the same.
insert into fx_rate (day, currency, origin, czk_per_unit)
select l.day, l.currency, l.origin, max(l.czk_per_unit)
from landing_fx_rate as l
where not exists (
    select 1 from fx_rate as f where f.day = l.day and f.currency = l.currency and f.origin = l.origin
)
group by l.day, l.currency, l.origin
order by l.day, l.currency, l.origin;
