"""The true rows of the metrics about errors, speed, keys, prices, budgets and what is planned."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, exp, floor, log

from etl.demo.world import Budget, Price
from tests.truth.adoption import Rows, title_of
from tests.truth.asked import Asked
from tests.truth.money import PICO, Sums, named, sums_by
from tests.truth.uses import Truth

EVER, OPEN = date(1970, 1, 1), date(9999, 12, 31)
MICRO = Decimal("1e-6")


def errors(t: Truth, a: Asked) -> Rows:
    failed: Counter[tuple[str, str]] = Counter()
    requests: Counter[str] = Counter()
    for u in t.uses:
        if a.holds(u.day):
            requests[u.model] += 1
            if u.error is not None:
                failed[u.model, u.error] += 1
    return [
        (model, title_of(t, model), error, n, requests[model], n / requests[model])
        for (model, error), n in failed.items()
    ]


def latency(t: Truth, a: Asked) -> Rows:
    """The nearest-rank percentiles, told as the middle of the bucket (a tenth of an e-fold) that they lie in."""
    durations: dict[str, list[int]] = defaultdict(list)
    firsts: dict[str, list[int]] = defaultdict(list)
    for u in t.uses:
        if a.holds(u.day):
            if u.ms is not None:
                durations[u.model].append(u.ms)
            if u.first_ms is not None:
                firsts[u.model].append(u.first_ms)
    return [
        (
            model, title_of(t, model), len(ms), _percentile(ms, 50), _percentile(ms, 95), len(firsts[model]),
            _percentile(firsts[model], 50), _percentile(firsts[model], 95),
        )
        for model, ms in durations.items()
    ]  # fmt: skip


def _percentile(ms: list[int], percent: int) -> float | None:
    if not ms:
        return None
    value = sorted(ms)[ceil(len(ms) * percent / 100) - 1]
    return exp((floor(log(value) * 10) + 0.5) / 10) / 1000


def policy(t: Truth, a: Asked) -> Rows:
    sums = sums_by(t, [c for c in t.cells if a.holds(c.day)], lambda c, unit: (unit, c.model))
    whole: Counter[str] = Counter()
    for (unit, _), s in sums.items():
        whole[unit] += s.requests
    return [
        (
            unit, model, title_of(t, model), named(t, model).policy, named(t, model).data_category, s.requests,
            s.failures, s.usd, s.czk, s.requests / whole[unit] if whole[unit] else None,
        )
        for (unit, model), s in sums.items()
        if unit in a.units
    ]  # fmt: skip


def satisfaction(t: Truth, a: Asked) -> Rows:
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for r in t.world.ratings:
        day = t.local(r.at).date()
        if a.holds(day):
            homes = t.homes(r.person, day)
            for unit in t.above(homes[0][0] if homes else "UNKNOWN"):
                found[unit, t.names[r.model].model][0] += 1
                found[unit, t.names[r.model].model][1] += r.value > 0
    return [(unit, m, title_of(t, m), n, up, up / n) for (unit, m), (n, up) in found.items() if unit in a.units]


def by_key(t: Truth, a: Asked) -> Rows:
    """A person with several homes pays from the primary one alone."""
    found: dict[tuple[str, str, str], list[object]] = {}
    for u in t.uses:
        if u.key is None or not a.holds(u.day):
            continue
        homes = t.homes(u.person, u.day) if u.person is not None else []
        unit = u.payer or (homes[0][0] if homes else "SHARED" if u.is_service else "UNKNOWN")
        rate = t.rate(u.day, "USD")
        assert rate is not None
        usd = Decimal(u.pico or 0) / PICO
        for above in t.above(unit):
            requests, failures, spent, czk, last = found.get((above, *u.key), [0, 0, Decimal(0), Decimal(0), u.day])
            is_ok = u.status == "success"
            found[above, *u.key] = [
                requests + is_ok,
                failures + (not is_ok),
                spent + usd,
                czk + usd * rate,
                max(last, u.day),
            ]  # type: ignore[operator,type-var]
    return [(*place, *values) for place, values in found.items() if place[0] in a.units]


def list_cost(t: Truth, a: Asked) -> Rows:
    rows: Rows = []
    listed: dict[tuple[str, str], list[object]] = {}
    cells = [c for c in t.cells if a.holds(c.day)]
    sums = sums_by(t, cells, lambda c, unit: (unit, c.model))
    for c in cells:
        price = _price_on(t, c.model, c.day)
        unpriced, cost = 0, Decimal(0)
        for tokens, text in zip(c.tokens[:4], price[3:] if price else [""] * 4, strict=True):
            unpriced += tokens if text == "" else 0
            cost += tokens * Decimal(text or 0) / 10**6
        for unit in t.above(c.unit):
            so_far = listed.get((unit, c.model), [0, Decimal(0), 0])
            listed[unit, c.model] = [so_far[0] + unpriced, so_far[1] + cost, so_far[2] + c.without_tokens]  # type: ignore[operator]
    for (unit, model), (unpriced, cost, without) in listed.items():
        s, hosting = sums.get((unit, model), Sums()), named(t, model).hosting
        usd = None if unpriced else cost
        avoided = usd - s.usd if usd is not None and hosting == "self_hosted" else None  # type: ignore[operator]
        if unit in a.units:
            rows.append((unit, model, title_of(t, model), hosting, s.billed, unpriced, without, s.usd, usd, avoided))
    return rows


def _price_on(t: Truth, model: str, day: date) -> Price | None:
    known = [p for p in t.world.prices if p.model == model and (p.start or EVER) <= day]
    return max(known, key=lambda p: p.start or EVER, default=None)


def prices(t: Truth, a: Asked) -> Rows:
    """Those of prices.csv; the world names one for every model of which a public price could be known."""
    rows: Rows = []
    for p in t.world.prices:
        later = [o.start for o in t.world.prices if o.model == p.model and o.start and o.start > (p.start or EVER)]
        usd = [Decimal(text) if text else None for text in p[3:]]
        rows.append((p.model, p.start or EVER, min(later, default=OPEN), p.kind, *usd, "prices.csv", None))
    return rows


def targets(t: Truth, a: Asked) -> Rows:
    return [tuple(target) for target in t.world.targets if target.unit in a.units]


def annotations(t: Truth, a: Asked) -> Rows:
    return [tuple(found) for found in t.world.annotations if a.holds(found.day)]


def budget(t: Truth, a: Asked) -> Rows:
    return [_budget(t, a.day, b) for b in t.world.budgets if b.start <= a.day < b.end and b.unit in a.units]


def _budget(t: Truth, day: date, b: Budget) -> tuple[object, ...]:
    """Spent so far, and the mean of the last 28 whole days with data for every day that is left."""
    daily: dict[date, Decimal] = defaultdict(Decimal)
    for c in t.cells:
        if c.day <= day and b.unit in t.above(c.unit):
            daily[c.day] += t.czk(c)
    spent, reached = Decimal(0), None
    for spent_on in sorted(d for d in daily if d >= b.start):
        spent += daily[spent_on]
        if reached is None and spent >= b.amount_czk:
            reached = spent_on
    through = max(min(day, t.through), b.start - timedelta(1))
    end = min(day + timedelta(1), t.through)
    start = max(end - timedelta(28), min(c.day for c in t.cells))
    length = max(0, (end - start).days)
    recent = sum((czk for d, czk in daily.items() if start <= d < end), Decimal(0))
    forecast = None
    if length:
        millionths = int(recent.quantize(MICRO, ROUND_HALF_UP) * 10**6)
        left = Decimal(millionths * ((b.end - through).days - 1) // length) / 10**6
        forecast = (spent + left).quantize(MICRO, ROUND_HALF_UP)
    if reached is None and recent and length:
        expected = through + timedelta(min(36500, ceil(float(b.amount_czk - spent) * length / float(recent))))
        reached = expected if expected < b.end else None
    share = float(spent) / float(b.amount_czk) if b.amount_czk else None
    elapsed = ((day - b.start).days + 1) / (b.end - b.start).days
    return b.unit, b.start, b.end, b.amount_czk, spent, share, elapsed, forecast, reached, b.note
