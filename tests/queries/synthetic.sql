-- Every table of the snapshot that follows from the drawn persons and lines.
insert into unit_closure
with recursive climbed as (
    select unit, unit as ancestor from unit
    union all
    select c.unit, u.parent_unit from climbed as c join unit as u on u.unit = c.ancestor where u.parent_unit is not null
)
select unit, ancestor from climbed order by unit, ancestor;

insert into dates
select
    cast(d as date), cast(d as date) - date '1970-01-01', date_trunc('week', d), date_trunc('month', d), isodow(d),
    t.name_en, 1 + (date_trunc('week', d)::date - date_trunc('week', t.start_day)::date) // 7,
    isodow(d) >= 6,
    exists (select 1 from calendar as c where c.kind = 'exam' and d >= c.start_day and d < c.end_day),
    exists (select 1 from calendar as c where c.kind = 'holiday' and d >= c.start_day and d < c.end_day)
from (select unnest(range(first_day, last_day + 366, interval 1 day)) as d from span)
left join calendar as t on t.kind = 'term' and d >= t.start_day and d < t.end_day
order by 1;

insert into rate_daily
select
    d.day, c.currency,
    cast(c.base + 0.6 * sin(d.day_no / 40.0) as decimal(18, 3)),
    d.day - greatest(0, d.weekday - 5), 'CNB'
from dates as d
cross join (values ('USD', 21.0), ('EUR', 24.6)) as c (currency, base)
where d.day <= (select last_day from span)
order by 1, 2;

insert into population
select
    s.unit, r.role, y.valid_from, y.valid_to,
    greatest(2, cast(s.share * r.share * y.growth * (select scale from span) * 1.5 as bigint))
from share as s
cross join (values ('student', 0.8), ('staff', 0.2)) as r (role, share)
cross join (
    values (date '2024-10-01', date '2025-10-01', 0.98),
    (date '2025-10-01', date '2026-10-01', 1.0),
    (date '2026-10-01', date '9999-12-31', 1.02)
) as y (valid_from, valid_to, growth)
order by s.unit, r.role, y.valid_from;

create temp table line as
select
    s.first_day + cast(l.day_no as integer) as day,
    cast(l.person_no as integer) as person_no,
    h.unit as home_unit,
    case when l.luck < 0.03 then 'SHARED' else h.unit end as unit,
    p.role,
    m.model,
    m.provider,
    case when l.is_api then 'api' else 'chat' end as channel,
    case when m.hosting = 'self_hosted' and not l.is_api then 'chat_ui' else 'gateway' end as origin,
    cast(l.hour as tinyint) as hour,
    l.luck,
    l.requests as user_requests,
    l.requests + case when l.is_api then 0 else l.requests // 2 end as requests,
    l.input_tokens,
    l.cached_tokens,
    l.cached_tokens // 8 as cache_write_tokens,
    l.output_tokens,
    l.output_tokens // 3 as reasoning_tokens,
    cast((l.input_tokens * pr.input_usd + l.output_tokens * pr.output_usd + l.cached_tokens * pr.input_usd / 10) / 1000000
        as decimal(18, 9)) as metered_usd,
    cast(l.cached_tokens * pr.input_usd * 0.9 / 1000000 as decimal(18, 9)) as cache_saved_usd
from drawn_line as l
join drawn_person as p on p.person_no = l.person_no
join home as h on h.unit_no = p.unit_no
join drawn_price as pr on pr.model_no = l.model_no
join model as m on m.model = pr.model
cross join span as s;

create temp table usage_unit_daily as
from usage_total_daily
limit 0;

insert into usage_unit_daily
with services as (  -- two service accounts: an indexer of the library, a chat bot of the faculty of arts
    select
        d.day, s.unit, s.model, m.provider, 'api' as channel, 'success' as status, 'gateway' as origin, true as is_service,
        s.requests + d.day_no % 17 as requests, 0 as user_requests, 900000 + d.day_no % 1000 * 300 as input_tokens,
        d.day_no % 1000 * 100 as cached_tokens, 0 as cache_write_tokens, 90000 as output_tokens, 0 as reasoning_tokens,
        0 as requests_without_tokens, cast(0.5 + d.day_no % 17 / 20.0 as decimal(18, 9)) as metered_usd,
        cast(0.02 as decimal(18, 9)) as cache_saved_usd, 0 as requests_without_cost
    from dates as d
    cross join (values ('SHARED', 'gpt-5-mini', 120), ('FF', 'claude-haiku-4-5', 40)) as s (unit, model, requests)
    join model as m on m.model = s.model
    where d.day <= (select last_day from span)
), parted as (
    select
        day, unit, model, provider, channel, 'success' as status, origin, false as is_service,
        requests, user_requests,
        case when origin = 'gateway' then input_tokens else 0 end as input_tokens,
        case when origin = 'gateway' then cached_tokens else 0 end as cached_tokens,
        case when origin = 'gateway' then cache_write_tokens else 0 end as cache_write_tokens,
        case when origin = 'gateway' then output_tokens else 0 end as output_tokens,
        case when origin = 'gateway' then reasoning_tokens else 0 end as reasoning_tokens,
        case when origin = 'gateway' then 0 else requests end as requests_without_tokens,
        metered_usd, cache_saved_usd,
        case when origin = 'gateway' then 0 else requests end as requests_without_cost
    from line
    union all
    select
        day, unit, model, provider, channel, 'failure', origin, false, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0
    from line
    where luck > 0.97
    union all
    select day, unit, model, provider, channel, status, origin, is_service, requests, user_requests, input_tokens, cached_tokens,
        cache_write_tokens, output_tokens, reasoning_tokens, requests_without_tokens, metered_usd, cache_saved_usd,
        requests_without_cost
    from services
)
select
    p.day, p.unit, p.model, p.provider, p.channel, p.status, p.origin, p.is_service,
    sum(p.requests), sum(p.user_requests), sum(p.input_tokens), sum(p.cached_tokens), sum(p.cache_write_tokens),
    sum(p.output_tokens), sum(p.reasoning_tokens), sum(p.requests_without_tokens), sum(p.metered_usd),
    cast(cast(sum(p.metered_usd) as decimal(20, 9)) * any_value(r.czk_per_unit) as decimal(38, 18)),
    sum(p.cache_saved_usd), sum(p.requests_without_cost)
from parted as p
join rate_daily as r on r.day = p.day and r.currency = 'USD'
group by 1, 2, 3, 4, 5, 6, 7, 8
order by 1, 2, 3, 4, 5, 6, 7, 8;

insert into person_month
select
    date_trunc('month', l.day), l.person_no, l.home_unit, any_value(l.role), count(distinct l.day), sum(l.user_requests),
    sum(case when l.origin = 'gateway' then l.input_tokens + l.cached_tokens + l.cache_write_tokens + l.output_tokens else 0 end),
    sum(l.metered_usd), sum(cast(cast(l.metered_usd as decimal(20, 9)) * r.czk_per_unit as decimal(38, 18)))
from line as l
join rate_daily as r on r.day = l.day and r.currency = 'USD'
group by 1, 2, 3
order by 1, 2, 3;

insert into person
with first_days as (
    select person_no, min(day) as first_active_day from line group by person_no
), numbered as (
    select person_no, first_active_day, row_number() over (order by first_active_day, person_no) - 1 as bit_no from first_days
)
select
    p.person_no, n.bit_no, h.unit, p.role,
    p.person_no % 40 <> 7 as has_account,
    p.person_no % 40 <> 7 and n.bit_no is null and p.person_no % 3 = 0 as is_pending,
    case when p.person_no % 40 <> 7 then s.first_day + cast(p.created as integer) end,
    n.first_active_day
from drawn_person as p
join home as h on h.unit_no = p.unit_no
cross join span as s
left join numbered as n on n.person_no = p.person_no
order by 1;

create temp table person_member as
select distinct l.day, 'unit' as dimension, c.ancestor as member, p.bit_no
from line as l join person as p on p.person_no = l.person_no join unit_closure as c on c.unit = l.home_unit
union all
select distinct l.day, 'model', l.model, p.bit_no from line as l join person as p on p.person_no = l.person_no
union all
select distinct l.day, 'channel', l.channel, p.bit_no from line as l join person as p on p.person_no = l.person_no
union all
select distinct l.day, 'role', l.role, p.bit_no from line as l join person as p on p.person_no = l.person_no;

set variable last_bit = (select max(bit_no) from person);

insert into active_bits
select day, dimension, member, bitstring_agg(bit_no, 0, getvariable('last_bit'))
from person_member
group by 1, 2, 3
order by 2, 3, 1;

insert into active_weeks
select date_trunc('week', day), member, bit_or(persons)
from active_bits
where dimension = 'unit'
group by 1, 2
order by 2, 1;

insert into active_daily  -- a person counts until their next active day, at most 1, 7 and 28 days
with members as (
    select dimension, member, min(day) as first_day from person_member group by 1, 2
), spans as (
    select
        dimension, member, day,
        cast(coalesce(lead(day) over (partition by dimension, member, bit_no order by day) - day, 10000) as integer) as gap
    from person_member
), changes as (
    select dimension, member, day, 1 as dau, 1 as wau, 1 as mau from spans
    union all select dimension, member, day + 1, -1, 0, 0 from spans
    union all select dimension, member, day + least(gap, 7), 0, -1, 0 from spans
    union all select dimension, member, day + least(gap, 28), 0, 0, -1 from spans
), summed as (
    select dimension, member, day, sum(dau) as dau, sum(wau) as wau, sum(mau) as mau from changes group by 1, 2, 3
), spread as (
    select m.dimension, m.member, d.day, coalesce(s.dau, 0) as dau, coalesce(s.wau, 0) as wau, coalesce(s.mau, 0) as mau
    from members as m
    join dates as d on d.day >= m.first_day and d.day <= (select last_day from span)
    left join summed as s on s.dimension = m.dimension and s.member = m.member and s.day = d.day
), counted as (
    select
        day, dimension, member,
        sum(dau) over (partition by dimension, member order by day) as dau,
        sum(wau) over (partition by dimension, member order by day) as wau,
        sum(mau) over (partition by dimension, member order by day) as mau
    from spread
)
select day, dimension, member, dau, wau, mau from counted where mau > 0 order by 2, 3, 1;

insert into rating_daily
select day, unit, model, sum(cast(luck * 1000 as integer) % 5 > 0), sum(cast(luck * 1000 as integer) % 5 = 0)
from line
where channel = 'chat' and person_no % 5 = 1 and luck > 0.6
group by 1, 2, 3
order by 1, 2, 3;

insert into usage_hourly
select day, hour, unit, channel, sum(user_requests) from line group by 1, 2, 3, 4 order by 1, 2, 3, 4;

insert into coverage_daily
select
    day,
    case when origin = 'gateway' then 'gateway' else 'chat' end as source,
    sum(requests),
    sum(requests) - sum(requests) // 40,
    sum(case when unit <> 'UNKNOWN' then requests else 0 end),
    sum(case when model <> 'rag-assistant' then requests else 0 end),
    sum(metered_usd),
    cast(cast(sum(metered_usd) as decimal(24, 9)) * cast(0.97 as decimal(3, 2)) as decimal(38, 12)),
    sum(case when unit <> 'UNKNOWN' then metered_usd else 0 end)
from usage_unit_daily
group by 1, 2
order by 1, 2;

insert into invoice_day  -- closed months only; a tenth has a direct owner
with used as (
    select
        day, provider, model,
        case when unit = 'FF' and is_service then 'FF' else 'UNALLOCATED' end as unit,
        cast(cast(sum(metered_usd) as decimal(24, 9)) * cast(1.02 as decimal(5, 2)) as decimal(38, 12)) as cost
    from usage_unit_daily
    where provider in ('openai', 'anthropic', 'google') and day < date '2026-11-01' and metered_usd > 0
    group by 1, 2, 3, 4
), named as (
    select
        u.day, u.provider || '-' || strftime(u.day, '%Y-%m') as document_name, u.provider, 'API' as service_name, u.model,
        'Usage' as charge_category, u.unit, case u.provider when 'google' then 'EUR' else 'USD' end as billing_currency,
        case u.provider when 'google' then cast(cast(u.cost as decimal(24, 9)) * cast(0.86 as decimal(5, 2)) as decimal(38, 12)) else u.cost end as cost
    from used as u
)
select
    n.day, n.document_name, n.provider, n.service_name, n.model, n.charge_category, n.unit, n.billing_currency, n.cost, n.cost,
    cast(cast(n.cost as decimal(20, 9)) * r.czk_per_unit as decimal(38, 18)),
    cast(cast(n.cost as decimal(20, 9)) * r.czk_per_unit as decimal(38, 18))
from named as n
join rate_daily as r on r.day = n.day and r.currency = n.billing_currency
order by 1, 2, 5, 7;

insert into source_status
select
    s.source, s.kind, s.success_at, s.attempt_at, s.status, s.message, s.rows, (select first_day from span), s.last_day
from (
    values
    ('gateway', 'gateway', timestamp '2026-11-23 04:02:11', timestamp '2026-11-23 04:02:11', 'DONE', null, 1000, date '2026-11-22'),
    ('chat', 'chat', timestamp '2026-11-23 04:03:40', timestamp '2026-11-23 04:03:40', 'DONE', null, 800, date '2026-11-22'),
    ('openai', 'invoices', timestamp '2026-11-03 05:00:09', timestamp '2026-11-23 05:00:09', 'DONE', null, 300, date '2026-10-31'),
    ('anthropic', 'invoices', timestamp '2026-11-02 05:00:31', timestamp '2026-11-23 04:05:31', 'FAILED',
        'anthropic: HTTP 503 after 5 tries', 250, date '2026-10-31'),
    ('directory', 'directory', timestamp '2026-11-23 03:30:00', timestamp '2026-11-23 03:30:00', 'DONE', null, 400, null),
    ('cnb', 'fx', timestamp '2026-11-22 14:31:00', timestamp '2026-11-22 14:31:00', 'DONE', null, 520, date '2026-11-20')
) as s (source, kind, success_at, attempt_at, status, message, rows, last_day)
order by 1;

insert into source_day
select case when origin = 'gateway' then 'gateway' else 'chat' end as source, day, sum(requests)
from usage_unit_daily
where day <> date '2026-08-13'  -- a hole, so that it can be seen
group by 1, 2
union all
select provider, day, count(*) from invoice_day where provider in ('openai', 'anthropic') group by 1, 2
order by 1, 2;

insert into run
select
    row_number() over (order by d.day, s.source), 'load', s.source,
    case when s.source = 'anthropic' and d.day > date '2026-11-02' then 'FAILED' else 'DONE' end,
    d.day + interval 4 hour, d.day + interval 4 hour + interval 131 second, 1000 + d.day_no % 100, d.day_no % 100, 2,
    case when s.source = 'anthropic' and d.day > date '2026-11-02' then 'anthropic: HTTP 503 after 5 tries' end
from dates as d
cross join source_status as s
where d.day > date '2026-11-01' and d.day <= date '2026-11-23'
order by 1;

insert into note values
('gateway', 'column "request_duration_ms" is not in this version; latency is not shown', timestamp '2026-11-23 04:02:11'),
('directory', '12 persons have no unit; they count as UNKNOWN', timestamp '2026-11-23 03:30:00');

insert into document
select provider, document_name || '.json', timestamp '2026-11-03 05:00:00', count(*), null
from invoice_day
group by 1, 2
union all
select 'anthropic', 'anthropic-2026-11.json', timestamp '2026-11-23 05:00:00', 0, 'line 3: currency ''XXX'' is unknown'
order by 1, 2;

insert into check_result values
('units_add_up', 'fail', timestamp '2026-11-23 04:08:00', 0, null),
('no_future_days', 'fail', timestamp '2026-11-23 04:08:00', 0, null),
('models_are_mapped', 'warn', timestamp '2026-11-23 04:08:00', 1, 'rag-assistant'),
('days_without_rows', 'warn', timestamp '2026-11-23 04:08:00', 1, 'gateway 2026-08-13');

insert into unmapped
select 'model', model, sum(requests), sum(metered_usd) from usage_unit_daily where model = 'rag-assistant' group by 1, 2
union all
select 'team', 'projekt-archiv', sum(requests), sum(metered_usd) from usage_unit_daily where unit = 'UNKNOWN' having sum(requests) > 0
union all
select 'domain', 'example.cuni.cz', 12, 0.031
order by 1, 2;

update model set policy = case when model = 'claude-opus-4-5' then 'banned' else 'allowed' end where is_mapped;

update model set data_category = case when hosting = 'self_hosted' then 'sensitive' else 'internal' end where is_mapped;

insert into budget
select u.unit, y.period_start, y.period_end, b.share * s.scale * 400, b.note
from span as s
cross join (values ('UK', 12, 'celá univerzita'), ('MFF', 2, null), ('FF', 1, null)) as b (unit, share, note)
join unit as u on u.unit = b.unit
cross join (
    values (date '2025-01-01', date '2026-01-01'), (date '2026-01-01', date '2027-01-01')
) as y (period_start, period_end)
order by 1, 2;

insert into annotation values
(date '2026-09-16', 'training', 'Školení pro vyučující', 'Training for teachers'),
(date '2026-10-06', 'launch', 'Spuštění GPT-5', 'Launch of GPT-5'),
(date '2026-10-13', 'outage', 'Výpadek brány', 'Outage of the gateway');

insert into order_done values
('20261120T083000000000Z-0123456789ab', 'run', 'gateway', 'demo', timestamp '2026-11-20 08:30:00',
 timestamp '2026-11-20 08:30:09', 'DONE', '1042 rows read, 2 days changed'),
('20261119T083000000000Z-0123456789ab', 'annotation', '2026-11-31', 'demo', timestamp '2026-11-19 08:30:00',
 timestamp '2026-11-19 08:30:04', 'FAILED', 'inbox: annotation day: found ''2026-11-31''; allowed: a day like 2026-10-01');

insert into target values
('UK', 'adoption_rate', date '2026-12-31', 0.25),
('UK', 'mau', date '2026-12-31', 90),
('MFF', 'mau', date '2026-12-31', 20);

insert into price
select
    d.model, date '1970-01-01', date '9999-12-31', case when m.hosting = 'commercial' then 'list' else 'shadow' end,
    case when m.hosting = 'self_hosted' then 0.5 else d.input_usd end,
    case when m.hosting = 'self_hosted' then 0.5 else d.input_usd / 10 end,
    case when m.hosting = 'self_hosted' then 0.5 else d.input_usd end,
    case when m.hosting = 'self_hosted' then 1.5 else d.output_usd end,
    case when m.hosting = 'commercial' then 'genai-prices' else 'prices.csv' end,
    case when m.hosting = 'commercial' then date '2026-11-22' end
from drawn_price as d
join model as m on m.model = d.model
where m.is_mapped
order by 1;

insert into latency_daily
with answers as (
    select
        l.day, l.model, l.channel, l.requests,
        800 + 40 * l.model_length * l.hour + cast(20000 * l.luck * l.luck as integer) as ms
    from (select *, length(model) as model_length from line where origin = 'gateway') as l
), measured as (
    select day, model, channel, 'duration' as measure, ms, requests from answers
    union all
    select day, model, channel, 'first_token', ms // 6, requests from answers where channel = 'chat'
)
select day, model, channel, measure, cast(floor(ln(ms) * 10) as integer), sum(requests)
from measured
group by 1, 2, 3, 4, 5
order by 1, 2, 3, 4, 5;

insert into error_daily
select day, model, ['RateLimitError', 'Timeout', 'BadRequestError'][1 + epoch(day)::bigint // 86400 % 3], sum(requests)
from usage_unit_daily
where status = 'failure'
group by 1, 2, 3
order by 1, 2, 3;

insert into key_daily
select
    day, unit,
    case when is_service then 'service' when channel = 'chat' then 'chat' when unit = 'MFF-UFAL' then 'team' else 'personal' end,
    case
        when is_service then if(unit = 'SHARED', 'library-indexer', 'faculty-bot')
        when channel = 'chat' then 'chat UI'
        when unit = 'MFF-UFAL' then 'corpora'
        else 'personal keys'
    end,
    model,
    sum(case when status = 'success' then requests else 0 end), sum(case when status = 'success' then 0 else requests end),
    sum(metered_usd), sum(metered_czk)
from usage_unit_daily
where origin = 'gateway'
group by 1, 2, 3, 4, 5
order by 1, 2, 3, 4, 5;

insert into plan (
    plan, valid_from, valid_to, name, vendor, kind, currency, seat_fee, billing_months, minimum_seats, commitment_months,
    includes, is_pooled, overage, discount, source, certainty
) values
('chatgpt-edu', date '1970-01-01', date '9999-12-31', 'ChatGPT Edu', 'OpenAI', 'chat', 'USD', 20, 1, 0, 12, 'unlimited', false,
    'blocked', 0, 'invented', 'high'),
('gateway', date '1970-01-01', date '9999-12-31', 'Pay as you go', 'own gateway', 'gateway', 'USD', 0, 1, 0, 0, 'none', false,
    'metered', 0, 'invented', 'high');

insert into seat_month
select
    m.month_start, 'chatgpt-edu', cast(m.month_start + interval 20 day as date), p.person_no, p.person_no, p.unit, 1, 'assigned',
    date '2026-06-01', case when p.person_no % 7 > 0 then cast(m.month_start + interval 18 day as date) end, true,
    p.person_no % 7 > 0, p.person_no % 7 > 1, false, p.person_no % 5 = 0,
    case p.person_no % 7 when 0 then 'never_used' when 1 then 'idle' end, p.person_no, 10
from person as p
cross join (select distinct month_start from dates where month_start between date '2026-08-01' and date '2026-11-01') as m
where p.person_no % 3 > 0
order by 1, 2, 4;

insert into seat_product_month
select month_start, product, report_day, true, count(*) + 12, 'count', count(*), count_if(is_active), 430.25
from seat_month
group by month_start, product, report_day
order by 1, 2;

-- what persons may see of their own use while self-service is on: two models a month
insert into own_month
select
    p.person_no, p.month_start, m.model, p.user_requests, p.user_requests, p.billed_tokens, 0, 0, p.billed_tokens // 4,
    p.metered_usd, p.metered_czk, 0
from (
    select
        person_no, month_start, cast(sum(user_requests) as bigint) as user_requests,
        cast(sum(billed_tokens) as bigint) as billed_tokens, sum(metered_usd) as metered_usd,
        sum(metered_czk) as metered_czk
    from person_month
    group by person_no, month_start
) as p
cross join (select model from model order by model limit 2) as m;
