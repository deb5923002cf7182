select
    replaced_at, source, reason, provider, invoice_id, old_name, old_lines, old_net_total, new_name, new_lines,
    new_net_total
from build.document_trace
order by replaced_at, old_name, new_name
