"""The true rows of the metrics about people (metrics.md, People)."""

from collections import defaultdict
from datetime import date, timedelta

from tests.truth.asked import Asked, monday
from tests.truth.uses import Truth

Rows = list[tuple[object, ...]]
WEEK = timedelta(7)


def active_daily(t: Truth, a: Asked) -> Rows:
    return [
        (day, unit, *(len(t.active_in(unit, day - timedelta(n - 1), day + timedelta(1))) for n in (1, 7, 28)))
        for day in a.days(t)
        for unit in a.units
    ]


def active_period(t: Truth, a: Asked) -> Rows:
    return [(unit, len(t.active_in(unit, a.start, a.end))) for unit in a.units]


def active_by_model(t: Truth, a: Asked) -> Rows:
    persons: dict[str, set[int]] = defaultdict(set)
    for u in t.uses:
        if u.is_user and u.person is not None and a.holds(u.day):
            persons[u.model].add(u.person)
    return [(model, title_of(t, model), len(found)) for model, found in persons.items()]


def active_by_channel(t: Truth, a: Asked) -> Rows:
    persons: dict[str, set[int]] = defaultdict(set)
    for u in t.uses:
        if u.is_user and u.person is not None and a.holds(u.day):
            persons[u.channel].add(u.person)
    return [(channel, len(found)) for channel, found in persons.items()]


def active_by_role(t: Truth, a: Asked) -> Rows:
    persons: dict[str, set[int]] = defaultdict(set)
    for u in t.uses:
        if u.is_user and u.person is not None and a.holds(u.day):
            persons[t.primary(u.person, u.day)[1]].add(u.person)
    return [(role, len(found)) for role, found in persons.items()]


def eligible(t: Truth, unit: str, day: date) -> int | None:
    """The head-count of a unit and all below it on a day; None where none is given."""
    counts = [
        h.persons
        for h in t.world.population
        if unit in t.above(h.unit) and (h.start is None or h.start <= day) and (h.end is None or day < h.end)
    ]
    return sum(counts) if counts else None


def adoption(t: Truth, a: Asked) -> Rows:
    rows: Rows = []
    for unit in a.units:
        now, before = a.day, a.day - timedelta(28)
        mau, mau_before = mau_known(t, unit, now), mau_known(t, unit, before)
        there, there_before = eligible(t, unit, now), eligible(t, unit, before)
        rows.append((unit, mau, mau_before, there, ratio(mau, there), ratio(mau_before, there_before)))
    return rows


def mau_on(t: Truth, unit: str, day: date) -> int:
    """Persons active in the 28 days up to a day."""
    return len(t.active_in(unit, day - timedelta(27), day + timedelta(1)))


def mau_known(t: Truth, unit: str, day: date) -> int | None:
    """The same; None for a day that the data doesn't reach yet."""
    return mau_on(t, unit, day) if day <= t.through else None


def funnel(t: Truth, a: Asked) -> Rows:
    belongs = {p.number: set(t.above(_unit_at_last(t, p.number))) for p in t.world.persons}
    opened = {p.number: t.local(p.created_at).date() for p in t.world.persons}
    rows: Rows = []
    for unit in a.units:
        here = [p for p in t.world.persons if unit in belongs[p.number]]
        accounts = [p for p in here if opened[p.number] <= a.day]
        activated = [p.number for p in here if t.first_active.get(p.number, date.max) <= a.day]
        soon = [n for n in activated if timedelta(0) <= t.first_active[n] - opened[n] < timedelta(30)]
        rows.append(
            (
                unit, eligible(t, unit, a.day), len(accounts), sum(p.is_pending for p in accounts), len(activated),
                len(soon), mau_known(t, unit, a.day), _habitual(t, unit, a.day),
            )
        )  # fmt: skip
    return rows


def habitual(t: Truth, a: Asked) -> Rows:
    days = [date.fromisoformat(day) for day in sorted(set(a.on_days))]
    return [(day, unit, mau_on(t, unit, day), _habitual(t, unit, day)) for day in days for unit in a.units]


def _unit_at_last(t: Truth, person: int) -> str:
    """Where a person belongs on the last day with data; without a home the unit that paid last."""
    if homes := t.homes(person, t.through):
        return homes[0][0]
    days = [day for number, day in t.cells_of if number == person]
    return t.primary(person, max(days))[0] if days else "UNKNOWN"


def _habitual(t: Truth, unit: str, day: date) -> int:
    """Persons active in at least 9 of the 12 weeks of seven days up to a day."""
    weeks: dict[int, int] = defaultdict(int)
    for n in range(12):
        end = day + timedelta(1) - n * WEEK
        for person in t.active_in(unit, end - WEEK, end):
            weeks[person] += 1
    return sum(count >= 9 for count in weeks.values())


def _weeks(t: Truth, a: Asked) -> list[tuple[date, bool]]:
    """(Monday, is complete) of weeks that begin in the period and have a day that can hold data."""
    mondays = sorted({monday(day) for day in a.days(t)})
    closed = min(a.end, t.through + timedelta(1))
    return [(m, m + WEEK <= closed) for m in mondays if m >= a.start]


def lifecycle_weekly(t: Truth, a: Asked) -> Rows:
    rows: Rows = []
    for week, is_complete in _weeks(t, a):
        for unit in a.units:
            now = t.active_in(unit, week, min(week + WEEK, a.end))
            before = t.active_in(unit, week - WEEK, week)
            seen = {p for p, day in t.first_active.items() if day < week}
            rows.append(
                (
                    week,
                    unit,
                    len(now - seen),
                    len(now & before),
                    len(now & seen - before),
                    len(before - now),
                    is_complete,
                )
            )
    return rows


def retention_weekly(t: Truth, a: Asked) -> Rows:
    rows: Rows = []
    weeks = _weeks(t, a)
    for unit in a.units:
        for cohort_week, _ in weeks:
            end = min(cohort_week + WEEK, a.end)
            cohort = {p for p in t.active_in(unit, cohort_week, end) if t.first_active[p] >= cohort_week}
            for week, is_complete in weeks if cohort else ():
                if week >= cohort_week:
                    still = cohort & t.active_in(unit, week, min(week + WEEK, a.end))
                    number = (week - cohort_week).days // 7
                    rows.append((unit, cohort_week, number, len(cohort), len(still), is_complete))
    return rows


def active_days_28(t: Truth, a: Asked) -> Rows:
    rows: Rows = []
    for unit in a.units:
        days: dict[int, int] = defaultdict(int)
        for n in range(28):
            day = a.day - timedelta(n)
            for person in t.active_in(unit, day, day + timedelta(1)):
                days[person] += 1
        rows += [(unit, n, sum(count == n for count in days.values())) for n in range(1, 29)]
    return rows


def usage_hours(t: Truth, a: Asked) -> Rows:
    """By the direct payer, else the person's primary home: an hour's requests are not cut in pieces."""
    found: dict[tuple[int, int, str], int] = defaultdict(int)
    for u in t.uses:
        if u.is_user and a.holds(u.day):
            home = t.homes(u.person, u.day) if u.person is not None else []
            unit = u.payer or (home[0][0] if home else "UNKNOWN")
            for above in t.above(unit):
                found[u.day.isoweekday(), u.hour, above] += 1
    return [(w, h, unit, found[w, h, unit]) for w in range(1, 8) for h in range(24) for unit in a.units]


def satisfaction(t: Truth, a: Asked) -> Rows:
    up: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for r in t.world.ratings:
        day = t.local(r.at).date()
        if a.holds(day):
            homes = t.homes(r.person, day)
            for unit in t.above(homes[0][0] if homes else "UNKNOWN"):
                up[unit][0] += 1
                up[unit][1] += r.value > 0
    answers: dict[str, int] = defaultdict(int)
    for c in t.cells:
        if c.channel == "chat" and a.holds(c.day):
            for unit in t.above(c.unit):
                answers[unit] += c.user_requests
    return [
        (u, up[u][0], up[u][1], ratio(up[u][1], up[u][0]), answers[u], ratio(up[u][0], answers[u])) for u in a.units
    ]


def ratio(part: int | None, whole: int | None) -> float | None:
    """part / whole; None where there is nothing to divide by, or where nobody knows the part."""
    return part / whole if whole and part is not None else None


def title_of(t: Truth, model: str) -> str:
    """The name to show for a model as counted."""
    return next(n.title for n in t.names.values() if n.model == model)
