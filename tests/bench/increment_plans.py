"""What the invented university agreed on and bought besides: budgets, targets, plans, rules of who pays, seats.

The directory's files that are few rows, as an operator writes them, and the vendors' monthly reports on seats: some
3,000 of ChatGPT Edu and 400 of Copilot, half of the latter to persons who have both. Of both some never came, some
stopped, some have left.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from etl.reference_data import SHIPPED
from tests.bench.increment_money import drawn, put, table

FACULTIES = [f"F{n}" for n in range(17)]
PERSONS = 50_000
PRODUCTS = {"chatgpt-edu": 16, "m365-copilot-academic": 120}  # one person in so many holds a seat
_YEARS = (2024, 2025, 2026)
_CZK = Decimal("23.5")
_MEAN_USD = Decimal("0.0122")
_ALLOWANCE = 400
_PLANS = (
    "plan name vendor kind currency seat_fee billing_months minimum_seats commitment_months is_removable includes"
    " allowance is_pooled reset overage discount source source_day certainty note"
)
_USERS = (
    "cadence period_start period_end account_id public_id email user_role user_status created_or_invited_date is_active"
    " last_day_active_in_period messages credits_used last_day_active"
)
_BANNED, _SELF_HOSTED = ("gemini-3-flash",), "self_hosted"
RULES = """
[vat]
[[vat.deductible]]
units = ["F2"]
share = "0.2"

[[vat.deductible]]
units = ["*"]
share = "0"

[[owners]]
provider = "openai"
project = "proj_physics"
unit = "F3"

[[seats]]
sku = "CHATGPT-EDU*"
product = "chatgpt-edu"

[[seats]]
sku = "M365-COPILOT*"
product = "m365-copilot-academic"

[[by_use]]
provider = "openai"
category = "Purchase"

[[shares]]
provider = "google"
shares = { F0 = "0.6", F1 = "0.4" }

[[even]]
provider = "mistral"
units = ["F0", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8"]
"""
_ANNOTATIONS = ("training", "launch", "outage", "other")


def mail(person: int) -> str:
    """The address by which the vendors' reports know a person."""
    return f"p{person}@mff.cuni.cz"


def holders(product: str) -> range:
    """Numbers of the persons who ever hold a seat."""
    return range(3, PERSONS, PRODUCTS[product])


def write_reference(folder: Path, units: Sequence[Sequence[object]], requests: Mapping[date, int]) -> None:
    """The directory's files; what is planned is reckoned from the requests of the first day."""
    folder.mkdir(parents=True, exist_ok=True)
    first = min(requests)
    yearly = requests[first] * 365 * _MEAN_USD * _CZK
    put(folder / "units.csv", table("unit parent_unit level name_cs name_en cost_centre", units))
    put(folder / "budgets.csv", table("unit period_start period_end amount currency note", _budgets(yearly)))
    put(folder / "targets.csv", table("unit metric day value", _targets()))
    put(folder / "annotations.csv", table("day kind name_cs name_en", _annotations(first)))
    put(
        folder / "prices.csv", table("model valid_from kind input_usd cached_usd cache_write_usd output_usd", _prices())
    )
    put(folder / "plans.csv", table(_PLANS, _plans(first)))
    put(folder / "models.csv", _models())
    put(folder / "allocation.toml", RULES)


def _budgets(yearly: Decimal) -> Iterator[Sequence[object]]:
    """Yearly budgets of the university and each faculty: some will last, some will not."""
    for year in _YEARS:
        start, end = date(year, 1, 1), date(year + 1, 1, 1)
        for unit in ("UK", *FACULTIES):
            share = Decimal(1) if unit == "UK" else Decimal(f"{0.7 + 0.7 * drawn(unit, year):.3f}") / len(FACULTIES)
            yield unit, start, end, (yearly * share).quantize(Decimal(1)), "CZK", f"rozpočet {year}"


def _targets() -> Iterator[Sequence[object]]:
    """What is meant to be reached by the end of each year and of the next term."""
    for day in (date(2024, 12, 31), date(2025, 12, 31), date(2026, 6, 30)):
        yield "UK", "mau", day, 30_000
        for unit in FACULTIES:
            yield unit, "mau", day, 1500
            yield unit, "adoption_rate", day, f"{0.3 + 0.4 * drawn(unit, day):.2f}"


def _annotations(first: date) -> Iterator[Sequence[object]]:
    """Something that happened each month."""
    for n in range(24):
        kind = _ANNOTATIONS[n % len(_ANNOTATIONS)]
        yield first + timedelta(30 * n + n % 9), kind, f"Událost {n + 1}", f"Event {n + 1}"


def _prices() -> Iterator[Sequence[object]]:
    """What self-hosted models would cost elsewhere, and prices agreed with a provider that changed twice."""
    yield "llama-4-maverick", None, "shadow", "0.27", "0.27", "0.27", "0.85"
    yield "qwen3-coder", None, "shadow", "0.3", "0.3", "0.3", "1.2"
    for day, price in ((None, "2"), ("2024-10-01", "1.8"), ("2025-07-01", "1.5")):
        yield "mistral-large", day, "internal", price, price, price, str(Decimal(price) * 3)


def _plans(first: date) -> Iterator[Sequence[object]]:
    """What was agreed for both kinds of seat."""
    yield ("chatgpt-edu", "ChatGPT Edu", "OpenAI", "chat", "USD", 25, 1, 150, 12, "false", "credits", _ALLOWANCE,
           "false", "month", "blocked", "0.1", "invented contract", first, "high", "invented")  # fmt: skip
    yield ("m365-copilot-academic", "Copilot", "Microsoft", "copilot", "USD", 26, 1, 1, 12, "true", "unlimited", None,
           "false", None, "metered", "0", "invented contract", first, "high", "invented")  # fmt: skip


def _models() -> str:
    """The shipped names, with a model that is banned and the data each may be given."""
    with (SHIPPED / "models.csv").open(encoding="utf-8", newline="") as file:
        shipped = list(csv.DictReader(file))
    rows = [
        (*row.values(), "banned" if row["model"] in _BANNED else "allowed",
         "sensitive" if row["hosting"] == _SELF_HOSTED else "internal")
        for row in shipped
    ]  # fmt: skip
    return table(" ".join((*shipped[0], "policy", "data_category")), rows)


def write_seats(folder: Path, first: date, end: date) -> None:
    """The vendors' reports of the last day of each month that is over."""
    folder.mkdir(parents=True, exist_ok=True)
    start = first.replace(day=1)
    while (following := (start + timedelta(32)).replace(day=1)) <= end:
        users, details = folder / f"chatgpt-{start:%Y-%m}.csv", folder / f"copilot-{start:%Y-%m}.csv"
        if not users.is_file():
            put(users, table(_USERS, _users(start, following - timedelta(1), first)))
            put(details, _details(following - timedelta(1), first))
        start = following
    bought = [("chatgpt-edu", first, 3200), ("m365-copilot-academic", first, 450)]
    put(folder / "seat_counts.csv", table("product day bought", bought))


def _users(start: date, day: date, first: date) -> Iterator[Sequence[object]]:
    """ChatGPT's user report of a month: every member who has joined by then."""
    for n in holders("chatgpt-edu"):
        joined, last = _seat("chatgpt-edu", n, day, first)
        if joined > day:
            continue
        within = last if last and last >= max(start, joined) else None
        messages = round(12 ** (2.4 * drawn("much", n, day.month))) if within else 0
        yield ("Monthly", start, day, f"account-{n}", f"user-{n}", mail(n), "standard-user", "enabled", joined,
               int(bool(messages)), within, messages, messages * 2, last)  # fmt: skip


def _details(day: date, first: date) -> str:
    """Copilot's usage detail, its names not hashed."""
    names = [
        "Report Refresh Date",
        "Report Period",
        "User Principal Name",
        "Last Activity Date",
        "Word Last Activity Date",
    ]
    rows: list[Sequence[object]] = [names]
    for n in holders("m365-copilot-academic"):
        joined, last = _seat("m365-copilot-academic", n, day, first)
        if joined <= day:
            rows.append((day, 30, mail(n), last, last))
    return "".join(",".join("" if c is None else str(c) for c in row) + "\n" for row in rows)


def _seat(product: str, person: int, day: date, first: date) -> tuple[date, date | None]:
    """(since when, last used up to `day`) of a seat: one in eight is never used, one in six is no more."""
    joined = first + timedelta(int(500 * max(0.0, 1.6 * drawn(product, "joined", person) - 0.6)))
    luck = drawn(product, "luck", person)
    if luck < 0.12:
        return joined, None
    stops = joined + timedelta(int(150 * drawn(product, "stops", person))) if luck < 0.28 else day
    last = min(stops, day - timedelta(person % 6))
    return joined, last if last >= joined else None
