-- Days of reports that invoices stand for; and what a closed month's rows need to stay as they were without their document.
create table superseded_day (  -- one row per line of a report and day of it that an invoice bills (docs/allocation.md)
    document_id varchar not null,
    line_id varchar not null,
    day date not null
);

alter table allocation add column charge_category varchar;

alter table allocation add column credit_kind varchar;

update allocation as a
set charge_category = l.charge_category, credit_kind = l.credit_kind
from fact_invoice_line as l
where l.line_id = a.line_id and l.document_id = a.document_id;

-- what was booked before is booked anew with the next load
delete from ops.ledger_state
where key = 'booked';
