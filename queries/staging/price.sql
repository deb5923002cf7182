-- landing_price -> price_listed: the file as it is now is the whole truth.
delete from price_listed;

insert into price_listed (model, valid_from, kind, input_usd, cached_usd, cache_write_usd, output_usd)
select model, valid_from, kind, input_usd, cached_usd, cache_write_usd, output_usd
from landing_price;
