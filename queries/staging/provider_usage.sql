-- landing_provider_usage -> fact_provider_usage: what one document said for the days [replaced_from, replaced_to) is
-- replaced as a whole.
delete from fact_provider_usage
where
    document_id = $document_id
    and day >= cast($replaced_from as date)
    and day < cast($replaced_to as date);

insert into fact_provider_usage
select
    usage_id, document_id, document_name, provider, day, model, sub_account_id, api_key_key, requests, input_tokens,
    cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, web_searches
from landing_provider_usage
order by day, usage_id;
