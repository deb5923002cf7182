alter table fact_invoice_line add column is_drawn boolean default false;  -- drawn from a credit by our list of prepaid

update fact_invoice_line
set is_drawn = true
where document_id like '%:api' and credit_kind = 'burn_down';  -- no API says so itself
