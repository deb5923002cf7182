-- landing_fx_rate -> fx_rate. A published rate never changes; one that differs mends a slip in a file.
update fx_rate
set czk_per_unit = l.czk_per_unit
from (
    select day, currency, origin, max(czk_per_unit) as czk_per_unit
    from landing_fx_rate
    group by day, currency, origin
) as l
where l.day = fx_rate.day
    and l.currency = fx_rate.currency
    and l.origin = fx_rate.origin
    and l.czk_per_unit <> fx_rate.czk_per_unit;

insert into fx_rate (day, currency, origin, czk_per_unit)
select l.day, l.currency, l.origin, max(l.czk_per_unit)
from landing_fx_rate as l
where not exists (
    select 1 from fx_rate as f where f.day = l.day and f.currency = l.currency and f.origin = l.origin
)
group by l.day, l.currency, l.origin
order by l.day, l.currency, l.origin;
