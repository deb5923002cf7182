-- The same provider, day and model are counted by two usage reports: most likely an export and the API both loaded.
-- remedy: remove one of the two documents from the invoices folder, or set usage = false for the API
select provider, day, model, min(document_name) as one, max(document_name) as other
from fact_provider_usage
group by provider, day, model
having count(distinct document_id) > 1
order by provider, day, model nulls last
