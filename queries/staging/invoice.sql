-- landing_invoice -> fact_invoice: the one row of a document takes the place of what was known of it before.
delete from fact_invoice
where document_id in (select document_id from landing_invoice);

insert into fact_invoice
select
    document_id, document_name, kind, provider, invoice_id, invoice_issuer_name, issuer_country, issue_day, tax_point,
    due_day, currency, net_total, tax_total, gross_total, prepaid_total, corrects_invoice_id
from landing_invoice;
