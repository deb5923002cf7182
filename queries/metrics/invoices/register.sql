-- title: Register of invoices
-- about: Every document that charges something: what it states of itself, what of it is booked in CZK at which rate, and
--        whether its provider's bills of that month agree with the metering. A document that was refused has its reason.
--        Documents count for the period by their tax point, else by their day of issue, else by the month booked.
-- grain: one row per document
-- access: university
-- param: start date  first day
-- param: end date  day after the last
-- column: place integer [count]  newest first
-- column: document_name varchar [text]  file name or endpoint
-- column: kind varchar [text]  invoice, credit_note, report, flat or refused
-- column: provider varchar [text]  who charges; null: refused
-- column: invoice_id varchar [text]  number of the invoice
-- column: invoice_issuer_name varchar [text]  who issued it
-- column: tax_point date [day]  day of taxable supply; null: not stated
-- column: due_day date [day]  when it must be paid
-- column: corrects_invoice_id varchar [text]  which invoice it corrects
-- column: currency varchar [text]  null: several
-- column: net_total decimal(38,12) [count]  before tax, in its currency; the sum of its lines where it states none
-- column: tax_total decimal(38,12) [count]  as stated
-- column: gross_total decimal(38,12) [count]  as stated
-- column: czk_per_unit decimal(18,8) [count]  rate it is booked at; null: several, or not booked
-- column: rate_day date [day]  for which the rate was published
-- column: net_czk decimal(18,2) [czk]  booked before tax
-- column: vat_czk decimal(18,2) [czk]  booked tax, also where it is self-assessed
-- column: is_self_assessed boolean [text]  the university pays the tax itself
-- column: month_start date [day]  first month booked; null: in none
-- column: state varchar [text]  booked, superseded, prepaid, later, no_rate, no_rule or refused
-- column: remedy varchar [text]  what to do where something is missing, or why it was refused
-- column: match varchar [text]  of provider and month: matched, deviating, provisional, nothing_metered; null: not booked
with thresholds_given as (
    select
        coalesce(max(try_cast(value as decimal(18, 6))) filter (where key = 'invoice_warn_share'), 0.02) as warn_share,
        coalesce(max(try_cast(value as decimal(18, 6))) filter (where key = 'invoice_warn_czk'), 500) as warn_czk,
    from setting
),

months_summed as (
    select
        month_start,
        provider,
        sum(case when cause = 'metered' then czk else 0 end) as metered_czk,
        sum(case when cause = 'billed_net' then czk else 0 end) as billed_czk,
        sum(case when cause = 'residual' then abs(czk) else 0 end) as residual_czk,
        bool_or(coalesce(note like '%provisional%', false)) as is_provisional,
    from reconciliation
    group by month_start, provider
),

months_judged as (
    select
        m.month_start,
        m.provider,
        case
            when m.metered_czk = 0 then 'nothing_metered'
            when m.is_provisional then 'provisional'
            when m.residual_czk <= t.warn_czk or m.residual_czk <= t.warn_share * abs(m.billed_czk) then 'matched'
            else 'deviating'
        end as status,
    from months_summed as m
    cross join thresholds_given as t
),

documents_listed as (
    select
        i.document_name,
        i.kind,
        i.provider,
        i.invoice_id,
        i.invoice_issuer_name,
        i.tax_point,
        i.due_day,
        i.corrects_invoice_id,
        i.currency,
        coalesce(i.net_total, case when i.currency is not null then i.lines_net end) as net_total,
        i.tax_total,
        i.gross_total,
        i.czk_per_unit,
        i.rate_day,
        i.net_czk,
        i.vat_czk,
        i.is_self_assessed,
        i.month_start,
        i.state,
        i.remedy,
        case when i.state = 'booked' then j.status end as match,
        coalesce(i.tax_point, i.issue_day, i.month_start) as day,
    from invoice as i
    left join months_judged as j on j.month_start = i.month_start and j.provider = i.provider
    union all
    select
        name, 'refused', null, null, null, null, null, null, null, null, null, null, null, null, 0, 0, null, null,
        'refused', error, null, cast(seen_at as date),
    from document
    where error is not null
),

documents_placed as (
    select
        document_name,
        kind,
        provider,
        invoice_id,
        invoice_issuer_name,
        tax_point,
        due_day,
        corrects_invoice_id,
        currency,
        net_total,
        tax_total,
        gross_total,
        czk_per_unit,
        rate_day,
        net_czk,
        vat_czk,
        is_self_assessed,
        month_start,
        state,
        remedy,
        match,
        cast(
            row_number() over (
                order by state = 'refused' desc, day desc nulls last, provider, document_name, invoice_id, net_czk, net_total
            ) as integer
        ) as place,
    from documents_listed
    where state = 'refused' or day is null or (day >= $start and day < $end)
)

select
    place,
    document_name,
    kind,
    provider,
    invoice_id,
    invoice_issuer_name,
    tax_point,
    due_day,
    corrects_invoice_id,
    currency,
    net_total,
    tax_total,
    gross_total,
    czk_per_unit,
    rate_day,
    net_czk,
    vat_czk,
    is_self_assessed,
    month_start,
    state,
    remedy,
    match,
from documents_placed
order by place
