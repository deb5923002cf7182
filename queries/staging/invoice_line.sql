-- landing_invoice_line, landing_invoice_day -> fact_invoice_line, fact_invoice_day. What one document said for the
-- stretch [replaced_from, replaced_to) is replaced as a whole: a file entirely, an API's answer for the days asked.
delete from fact_invoice_day
where document_id = $document_id
    and line_id in (
        select line_id
        from fact_invoice_line
        where document_id = $document_id
            and charge_period_start >= $replaced_from
            and charge_period_start < $replaced_to
    );

delete from fact_invoice_line
where document_id = $document_id and charge_period_start >= $replaced_from and charge_period_start < $replaced_to;

insert into fact_invoice_line
select
    line_id, document_id, document_name, provider, invoice_id, invoice_issuer_name, billing_currency, billed_cost,
    coalesce(effective_cost, billed_cost), list_cost, tax_cost, billing_period_start, billing_period_end,
    charge_period_start, charge_period_end, charge_category, charge_class, charge_description, service_name, sku_id,
    model, consumed_quantity, consumed_unit, sub_account_id, coalesce(unit, 'UNALLOCATED'), coalesce(is_amortised, false),
    tax_rate, api_key_key, credit_kind, false
from landing_invoice_line
order by charge_period_start, line_id;

insert into fact_invoice_day
select line_id, document_id, day, billed_cost, effective_cost
from landing_invoice_day
order by day, line_id;
