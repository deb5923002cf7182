-- The same provider and day stand in a cost API's answer and in a file, or in two files: most likely an export and the
-- API both loaded. An export without projects can't be told apart finer than by its day. An invoice beside a report of
-- its months is as it should be: the invoice is booked, the report shows whose use it was.
-- remedy: remove one of the two documents from the invoices folder, or the API from the configuration
with usage_lines as (
    select
        l.provider,
        d.day,
        l.document_id like '%:api' as is_api,
        l.document_id,
        l.document_name,
        coalesce(l.service_name, '') as service_name,
        coalesce(l.sub_account_id, '') as sub_account_id
    from fact_invoice_day as d
    join fact_invoice_line as l on l.line_id = d.line_id and l.document_id = d.document_id
    left join fact_invoice as i on i.document_id = l.document_id
    where l.charge_class is null and l.charge_category = 'Usage' and coalesce(i.kind, 'report') = 'report'
),

api_and_file as (
    select provider, day, min(document_name) as one, max(document_name) as other
    from usage_lines
    group by provider, day
    having count(distinct is_api) = 2
),

two_files as (
    select provider, day, min(document_name) as one, max(document_name) as other
    from usage_lines
    where not is_api
    group by provider, day, service_name, sub_account_id
    having count(distinct document_id) > 1
)

select provider, day, one, other from api_and_file
union
select provider, day, one, other from two_files
order by provider, day
