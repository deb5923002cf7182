"""The true rows of the metrics about what is held (data/) and of the reference tables."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from tests.truth.adoption import Rows
from tests.truth.asked import Asked, monday
from tests.truth.uses import Truth

PICO = Decimal(10**12)
# kind, names, [start, end): the calendar that the test gives to the product
CALENDAR = (
    ("term_winter", "Zimní semestr", "Winter term", date(2026, 9, 29), date(2027, 1, 10)),
    ("exam", "Zkouškové období", "Exams", date(2026, 3, 20), date(2026, 4, 1)),
    ("term_summer", "Letní semestr", "Summer term", date(2026, 2, 16), date(2026, 5, 24)),
    ("holiday", "Den vzniku", "Independence Day", date(2026, 10, 28), date(2026, 10, 29)),
    ("holiday", "Velikonoce", "Easter Monday", date(2026, 4, 6), date(2026, 4, 7)),
)


def source_days(t: Truth, a: Asked) -> Rows:
    found: dict[tuple[str, date], int] = defaultdict(int)
    for r in t.world.requests:
        found["litellm", t.local(r.at).date()] += 1
    for at, _ in t.answers():
        found["openwebui", at.date()] += 1
    for day, *_ in t.invoice_days:
        found["invoices", day] += 1
    return [(source, day, rows) for (source, day), rows in found.items() if a.holds(day)]


def coverage(t: Truth, a: Asked) -> Rows:
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * 7)
    for u in t.uses:
        if a.holds(u.day):
            has_person = u.is_service or u.person is not None
            has_unit = u.is_service or u.payer is not None or (u.person is not None and bool(t.homes(u.person, u.day)))
            pico = u.pico or 0
            added = (1, has_person, has_unit, u.is_mapped, pico, pico * has_person, pico * has_unit)
            counts[u.source] = [x + y for x, y in zip(counts[u.source], added, strict=True)]
    behind: dict[str, set[object]] = defaultdict(set)
    for u in t.uses:
        if not u.is_mapped:
            behind[u.model].add(u.person)
    is_told = all(len(people) >= 5 for people in behind.values())  # else the rest would be what a few asked
    return [
        (source, n, person / n, unit / n, model / n if is_told else None, *(x / pico if pico else None for x in costs))
        for source, (n, person, unit, model, pico, *costs) in counts.items()
    ]


def unmapped(t: Truth, a: Asked) -> Rows:
    """Models, teams and groups that nobody has mapped, with what came under them (unknown of groups)."""
    models: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    teams: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for r in t.world.requests:
        if not t.names[r.model].is_mapped:
            models[r.model][0] += 1
            models[r.model][1] += r.spent_pico
        key = t.world.keys.get(r.key or "")
        if key is not None and key.team == "Staré pracoviště":
            teams["Staré pracoviště (XYZ)"][0] += 1
            teams["Staré pracoviště (XYZ)"][1] += r.spent_pico
    for u in t.uses:
        if u.origin == "chat_ui" and not u.is_mapped:
            models[u.model][0] += 1
    rows: Rows = [("model", name, n, pico / PICO) for name, (n, pico) in models.items()]
    rows += [("team", name, n, pico / PICO) for name, (n, pico) in teams.items()]
    strange = any(p.number % 36 == 11 and not p.is_deleted for p in t.world.persons)
    return rows + ([("group", "fac:NEZNAMA", None, None)] if strange else [])


def calendar(t: Truth, a: Asked) -> Rows:
    return list(CALENDAR)


def dates(t: Truth, a: Asked) -> Rows:
    first, last = t.first_date, t.last_date + timedelta(365)
    rows: Rows = []
    for n in range((last - first).days + 1):
        day = first + timedelta(n)
        if a.holds(day):
            within = [c for c in CALENDAR if c[3] <= day < c[4]]
            kinds = {c[0] for c in within}
            term = next((c for c in within if c[0].startswith("term")), None)
            week = (monday(day) - monday(term[3])).days // 7 + 1 if term else None
            rows.append(
                (
                    day, day.toordinal(), monday(day), day.replace(day=1), day.isoweekday(), term[2] if term else None,
                    week, day.weekday() >= 5, "exam" in kinds, "holiday" in kinds,
                )
            )  # fmt: skip
    return rows


def models(t: Truth, a: Asked) -> Rows:
    used = {u.model for u in t.uses}
    return list({tuple(n[:6]) for n in t.names.values() if n.model in used})


def units(t: Truth, a: Asked) -> Rows:
    faculties = sorted(
        (u for u in t.world.units.values() if u.level == "faculty"), key=lambda u: (u.cost_centre, u.unit)
    )
    order = {u.unit: n for n, u in enumerate(faculties, 1)}
    rows: Rows = [
        (u.unit, u.parent, u.level, u.name_cs, u.name_en, u.cost_centre or None, order.get(u.unit))
        for u in t.world.units.values()
    ]
    special = {
        "UNKNOWN": ("Neznámá jednotka", "Unknown unit"),
        "SHARED": ("Sdílené služby", "Shared services"),
        "UNALLOCATED": ("Nerozdělené náklady", "Unallocated cost"),
    }
    return rows + [(unit, "UK", "special", *names, None, None) for unit, names in special.items()]


def rates(t: Truth, a: Asked) -> Rows:
    """The last published rate on or before each day up to today."""
    days = [a.start + timedelta(n) for n in range((a.end - a.start).days)]
    found = [(day, currency, t.last_rate(day, currency)) for day in days for currency in ("USD", "EUR", "GBP")]
    return [(day, currency, rate[1], rate[0], rate[2]) for day, currency, rate in found if rate is not None]
