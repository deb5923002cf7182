"""What truly happened, as the product should count it: plain Python over the events of an invented world.

Nothing here reads SQL or the product's own code; the rules are those of the handbook (metrics.md) and stand beside
each function.
"""

import csv
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path

from etl.demo.world import Request, World
from tests.truth.shapes import Cell, Named, Use

MILLION = 10**6
SHIPPED_RATES = Path(__file__).parents[2] / "etl" / "reference" / "fx_history.csv"
SPECIAL = ("UNKNOWN", "SHARED", "UNALLOCATED")


class Truth:
    """Everything derived from a world that several figures need."""

    def __init__(self, world: World, names: Mapping[str, Named], *, rated_until: date) -> None:
        self.world, self.names, self.rated_until = world, names, rated_until
        self.uses = [*self._requests(), *self._direct_turns()]
        self.cells = [c for cells in self._alike().values() for c in cells]
        self.through = max(u.day for u in self.uses)
        bills = [b.start for b in world.bills]
        self.first_date = min([*(u.day for u in self.uses), *bills]).replace(day=1)
        self.last_date = max([self.through, *(b.end - timedelta(1) for b in world.bills)])

    # --- time, units, people

    def local(self, instant: datetime) -> datetime:
        """A UTC instant on the university's clock."""
        return instant.replace(tzinfo=UTC).astimezone(self.world.zone)

    def above(self, unit: str) -> list[str]:
        """The unit and every unit above it."""
        found = [unit]
        while found[-1] in self.world.units and (parent := self.world.units[found[-1]].parent):
            found.append(parent)
        return found if found[-1] == "UK" else [*found, "UK"]

    def homes(self, person: int, day: date) -> list[tuple[str, str, int]]:
        """(unit, role, weight in millionths) of a person on a day, the primary home first; weights add to a million."""
        held = [h for h in self.world.persons[person].homes if h.holds_on(day)]
        whole = sum(h.weight for h in held)
        shares = [(h.unit, h.role, round(h.weight / whole * MILLION)) for h in held]
        return sorted(shares, key=lambda h: (-h[2], h[0]))

    # --- uses

    def is_gateway_model(self, model: str, day: date) -> bool:
        """Whether the gateway has answered with it up to that day: then it has counted the chat turns of the day too
        (metrics.md, channel)."""
        return model in self._served_from and self._served_from[model] <= day

    @cached_property
    def _served_from(self) -> dict[str, date]:
        first: dict[str, date] = {}
        for r in self.world.requests:
            if r.error is None:
                day = self.local(r.at).date()
                first[r.model] = min(day, first.get(r.model, day))
        return first

    def _requests(self) -> Iterator[Use]:
        for r in self.world.requests:
            at, named = self.local(r.at), self.names[r.model]
            known = self.world.models.get(r.model)
            is_ok = r.error is None
            yield Use(
                source="litellm",
                day=at.date(),
                hour=at.hour,
                person=r.person,
                is_service=r.way in ("service", "health"),
                payer=self.world.keys[r.key].payer if r.way in ("own_key", "team_key", "service") and r.key else None,
                model=named.model,
                provider=known.invoiced_by if known else "openai",  # embeddings are OpenAI's
                channel="chat" if r.way in ("chat", "task", "embedding") else "api",
                status="success" if is_ok else "failure",
                origin="gateway",
                # a person's own: no services, probes, background tasks, look-ups in documents, nor failures
                is_user=is_ok and r.way in ("chat", "own_key", "team_key", "master"),
                tokens=(r.input, r.cached, r.written, r.output, r.reasoning) if is_ok else (0, 0, 0, 0, 0),
                pico=r.spent_pico,
                saved_pico=r.saved_pico,
                is_mapped=named.is_mapped,
                is_without_tokens=False,
                error=r.error[0] if r.error else None,
                ms=r.duration_ms if is_ok and not r.is_hit else None,
                first_ms=r.first_token_ms if is_ok and not r.is_hit else None,
                key=self._key_shown(r),
            )

    def _key_shown(self, r: Request) -> tuple[str, str]:
        """(kind, name) of the key: services and teams by name, persons' keys together, as are keys nobody lists."""
        if r.way in ("health", "master", "bad_key"):
            return "unlisted", "unlisted keys"
        key = self.world.keys[r.key or ""]
        if key.alias == "open-webui":
            return "chat", "Open WebUI"
        if key.is_service:
            return "service", key.team or key.alias
        return ("team", key.team) if key.team else ("personal", "personal keys")

    def answers(self) -> Iterator[tuple[datetime, object]]:
        """(local time, turn) of every answer of the chat UI; a clone repeats an answer and is none."""
        for t in self.world.turns:
            if not t.is_clone:
                yield self.local(t.at), t

    def _direct_turns(self) -> Iterator[Use]:
        """Answers that the gateway has not seen: who asked is known, what they cost is not."""
        for t in self.world.turns:
            at, named = self.local(t.at), self.names[t.model]
            if t.is_clone or self.is_gateway_model(t.model, at.date()):
                continue
            yield Use(
                source="openwebui",
                day=at.date(),
                hour=at.hour,
                person=t.person,
                is_service=False,
                payer=None,
                model=named.model,
                provider=named.provider,
                channel="chat",
                status="failure" if t.is_error else "success",
                origin="chat_ui",
                is_user=not t.is_error,
                tokens=t.usage if t.usage is not None and not t.is_error else (0, 0, 0, 0, 0),
                pico=None,
                saved_pico=0,
                is_mapped=named.is_mapped,
                is_without_tokens=not t.is_error and t.usage is None,
                error="unknown" if t.is_error else None,
                ms=None,
                first_ms=None,
                key=None,
            )

    # --- who pays

    def _alike(self) -> dict[tuple[object, ...], list[Cell]]:
        """Cells by what their uses have in common."""
        groups: dict[tuple[object, ...], list[Use]] = defaultdict(list)
        for u in self.uses:
            alike = (u.day, u.person, u.is_service, u.payer, u.model, u.provider, u.channel, u.status, u.origin)
            groups[alike].append(u)
        return {alike: list(self._paid(uses)) for alike, uses in groups.items()}

    def _paid(self, uses: list[Use]) -> Iterator[Cell]:
        """One cell for each unit that pays: the direct payer, else the person's homes by weight.

        Of whole things a further home takes its share rounded down, of money rounded to 12 digits; the primary home
        takes the rest, so that all of it is paid (usage_daily's definition).
        """
        first = uses[0]
        whole = [
            len(uses),
            sum(u.is_user for u in uses),
            *(sum(u.tokens[n] for u in uses) for n in range(5)),
            sum(u.pico is None and u.status == "success" for u in uses),
            sum(u.is_without_tokens for u in uses),
        ]
        money = [sum(u.pico or 0 for u in uses), sum(u.saved_pico for u in uses)]
        if first.payer is not None:
            payers = [(first.payer, MILLION)]
        elif first.person is not None and (homes := self.homes(first.person, first.day)):
            payers = [(unit, weight) for unit, _, weight in homes]
        else:
            payers = [("SHARED" if first.is_service else "UNKNOWN", MILLION)]
        shares = {unit: ([v * w // MILLION for v in whole], [_rounded(v, w) for v in money]) for unit, w in payers[1:]}
        rest = [v - sum(s[0][n] for s in shares.values()) for n, v in enumerate(whole)]
        kept = [v - sum(s[1][n] for s in shares.values()) for n, v in enumerate(money)]
        for unit, (counts, amounts) in {payers[0][0]: (rest, kept), **shares}.items():
            yield Cell(
                first.day, first.person, unit, first.model, first.provider, first.channel, first.status,
                counts[0], counts[1], (counts[2], counts[3], counts[4], counts[5], counts[6]),
                amounts[0], amounts[1], counts[7], counts[8],
            )  # fmt: skip

    # --- money

    def rate(self, day: date, currency: str) -> Decimal | None:
        """CZK for one unit: the last rate published on or before the day."""
        if currency == "CZK":
            return Decimal(1)
        found = self.last_rate(day, currency)
        return found[1] if found else None

    def last_rate(self, day: date, currency: str) -> tuple[date, Decimal, str] | None:
        """(day of publication, CZK for one unit, origin); None before the first and after `rated_until` (two days
        beyond the last run) and the last published one."""
        days = self._published_days[currency]
        if not days[0] <= day <= max(self.rated_until, days[-1]):
            return None
        last = days[bisect_right(days, day) - 1]
        return last, *self.published[last, currency]

    @cached_property
    def published(self) -> dict[tuple[date, str], tuple[Decimal, str]]:
        """The shipped rates of the ECB and, before them, the world's own of the national bank."""
        shipped = {
            (date.fromisoformat(row["day"]), row["currency"]): (
                Decimal(row["czk_per_unit"]).quantize(Decimal("1e-6"), ROUND_HALF_UP),  # six decimals, as it is used
                row["origin"],
            )
            for row in csv.DictReader(SHIPPED_RATES.read_text("utf-8").splitlines())
        }
        return shipped | {place: (rate, "cnb") for place, rate in self.world.rates.items()}

    @cached_property
    def _published_days(self) -> dict[str, list[date]]:
        return {c: sorted(day for day, currency in self.published if currency == c) for c in ("USD", "EUR", "GBP")}

    def czk(self, cell: Cell) -> Decimal:
        """Metered cost at the rate of the cell's day."""
        rate = self.rate(cell.day, "USD")
        assert rate is not None
        return Decimal(cell.pico) * rate / 10**12

    @cached_property
    def invoice_days(self) -> list[tuple[date, str, str, str, Decimal, Decimal]]:
        """(day, provider, unit, currency, billed, effective): billed once, effective evenly over the days paid for."""
        found = []
        for bill in self.world.bills:
            days = [bill.start + timedelta(n) for n in range((bill.end - bill.start).days)]
            sums = [(bill.amount * n / len(days)).quantize(Decimal("1e-12")) for n in range(len(days))] + [bill.amount]
            for n, day in enumerate(days):
                billed = bill.amount if n == 0 else Decimal(0)
                unit = bill.unit or "UNALLOCATED"
                found.append((day, bill.provider, unit, bill.currency, billed, sums[n + 1] - sums[n]))
        return found

    # --- who was active

    @cached_property
    def active(self) -> dict[date, dict[str, set[int]]]:
        """{day: {unit: persons active}}: in each home and above; without a home, in the units that paid."""
        found: dict[date, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for cell in self.cells:
            if cell.person is not None and cell.user_requests:
                homes = [unit for unit, _, _ in self.homes(cell.person, cell.day)]
                for unit in homes or [cell.unit]:
                    for above in self.above(unit):
                        found[cell.day][above].add(cell.person)
        return found

    def active_in(self, unit: str, start: date, end: date) -> set[int]:
        """Persons active in the unit on a day of [start, end)."""
        days = (start + timedelta(n) for n in range(max(0, (end - start).days)))
        return set().union(*(self.active[d][unit] for d in days if d in self.active and unit in self.active[d]))

    def primary(self, person: int, day: date) -> tuple[str, str]:
        """(unit, role) where a person chiefly belongs; without a home the unit that paid for most of the day."""
        if homes := self.homes(person, day):
            return homes[0][0], homes[0][1]
        paid: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for cell in self.cells_of.get((person, day), ()):
            paid[cell.unit][0] += cell.user_requests
            paid[cell.unit][1] += cell.requests
        return (min(paid, key=lambda u: (-paid[u][0], -paid[u][1], u)) if paid else "UNKNOWN"), "other"

    @cached_property
    def cells_of(self) -> dict[tuple[int, date], list[Cell]]:
        """Cells by person and day."""
        found: dict[tuple[int, date], list[Cell]] = defaultdict(list)
        for cell in self.cells:
            if cell.person is not None:
                found[cell.person, cell.day].append(cell)
        return found

    @cached_property
    def first_active(self) -> dict[int, date]:
        """The first active day of everybody who was ever active."""
        found: dict[int, date] = {}
        for day in sorted(self.active):
            for person in self.active[day]["UK"]:
                found.setdefault(person, day)
        return found


def _rounded(value: int, millionths: int) -> int:
    """value x millionths / a million, half up (amounts are never negative)."""
    return (2 * value * millionths + MILLION) // (2 * MILLION)
