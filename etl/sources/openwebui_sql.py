"""The queries over the five views of `etl.sources.openwebui_projections`, one text for both databases.

Parameters are written :name. Times are compared as they are stored, so that the index on created_at can serve: seconds
and, beside them, the milli-, micro- and nanoseconds that imports leave behind; the four ranges never overlap.
"""

# Clones and branches of a chat repeat a message under a new row id. The earliest copy stands for all of them, wherever
# in time the others lie; only people with an answer in the window are looked at, so an increment costs what it holds.
ANSWERS = """
select
    a.user_id,
    a.message_id,
    a.created_at,
    a.model,
    a.arena_model,
    a.is_error,
    a.usage
from answer a
left join (
    select ranked.id
    from (
        select
            o.id,
            row_number() over (
                partition by o.user_id, o.message_id
                order by
                    o.created_at / case
                        when o.created_at >= 100000000000000000 then 1000000000.0
                        when o.created_at >= 100000000000000 then 1000000.0
                        when o.created_at >= 100000000000 then 1000.0
                        else 1.0
                    end,
                    o.id
            ) as copy_number
        from answer o
        where o.user_id in (
            select w.user_id
            from answer w
            where w.updated_at >= :since_s
                and (
                    (w.created_at >= :start_s and w.created_at < :end_s)
                    or (w.created_at >= :start_ms and w.created_at < :end_ms)
                    or (w.created_at >= :start_us and w.created_at < :end_us)
                    or (w.created_at >= :start_ns and w.created_at < :end_ns)
                )
        )
    ) ranked
    where ranked.copy_number > 1
) later_copy on later_copy.id = a.id
where later_copy.id is null
    and a.user_id <> ''
    and a.updated_at >= :since_s
    and (
        (a.created_at >= :start_s and a.created_at < :end_s)
        or (a.created_at >= :start_ms and a.created_at < :end_ms)
        or (a.created_at >= :start_us and a.created_at < :end_us)
        or (a.created_at >= :start_ns and a.created_at < :end_ns)
    )
order by a.created_at, a.id
"""

RATINGS = """
select r.id, r.user_id, r.message_id, r.created_at, r.model, r.rating
from rating r
where r.rating in ('1', '-1')
    and r.updated_at >= :since_s
    and (
        (r.created_at >= :start_s and r.created_at < :end_s)
        or (r.created_at >= :start_ms and r.created_at < :end_ms)
        or (r.created_at >= :start_us and r.created_at < :end_us)
        or (r.created_at >= :start_ns and r.created_at < :end_ns)
    )
order by r.created_at, r.id
"""

PERSONS = """
select p.id, p.email, p.sso_id, p.role, p.created_at
from person p
order by p.created_at, p.id
"""

MEMBERSHIPS = """
select distinct m.user_id, m.group_name
from membership m
where m.user_id <> '' and m.group_name <> ''
order by m.user_id, m.group_name
"""

BASE_MODELS = """
select b.id, b.base_model_id
from base_model b
where b.base_model_id is not null and b.base_model_id <> ''
order by b.id
"""

# The migration to 0.8 loses the arena's choice in the chat, the rating keeps it.
ARENA_RATINGS = """
select r.message_id, min(r.model) as model
from rating r
where r.picked_model = 'arena-model' and r.message_id is not null and r.model is not null
group by r.message_id
order by r.message_id
"""

TIMES = """
select
    min(t.created_at / t.unit) as first_s,
    max(t.created_at / t.unit) as last_s
from (
    select
        e.created_at,
        case
            when e.created_at >= 100000000000000000 then 1000000000
            when e.created_at >= 100000000000000 then 1000000
            when e.created_at >= 100000000000 then 1000
            else 1
        end as unit
    from (
        select a.created_at from answer a
        union all
        select r.created_at from rating r
    ) e
    where e.created_at > 0
) t
"""

UNKNOWN_USAGE = """
select
    coalesce(a.model, 'unknown') as model,
    count(*) as answers,
    count(*) - count(a.usage) as unknown
from answer a
where a.is_error = 0
group by coalesce(a.model, 'unknown')
having count(*) > count(a.usage)
order by unknown desc, model
"""

PRESENCE = """
select
    (select count(*) from person) as persons,
    (select count(*) from membership) as memberships,
    (select count(*) from answer a where a.created_at is null) as without_time
"""
