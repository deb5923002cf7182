select order_id, kind, subject, asked_by, asked_at, done_at, status, message
from build.ops.order_done
order by done_at desc, order_id desc
limit 200
