-- title: Orders
-- about: What people asked for on the pages (a job, an annotation, a month, an invoice) and what became of it, newest
--     first. The last 200.
-- grain: one row per order carried out or refused
-- access: university
-- column: order_id varchar [text]  its name
-- column: kind varchar [text]  run, annotation, close_month, reopen_month or invoice
-- column: subject varchar [text]  the job, day, month or document
-- column: asked_by varchar [text]  who asked: their role and pseudonym
-- column: asked_at timestamp [instant]  UTC
-- column: done_at timestamp [instant]  UTC
-- column: status varchar [text]  DONE or FAILED
-- column: message varchar [text]  what was done, or why not
select
    order_id,
    kind,
    subject,
    asked_by,
    asked_at,
    done_at,
    status,
    message,
from order_done
order by done_at desc, order_id desc
