"""The question about plans that a view asks, and its answer: one for the Plans page and for the Overview."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.language import ngettext
from dashboard.pages.shared_cards import known
from dashboard.period import DAY, month_start, months_back
from dashboard.what_if import DEFAULT_MONTHS, PLANS, WhatIf
from queries.analysis.plan import Plan
from queries.plan_answer import Asked, Holder, Study

CONFIGURED = "configured"
FALLBACK = "chatgpt-business"
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Basis:
    """The whole months `[start, end)` that an answer rests on."""

    start: date
    end: date

    @property
    def months_said(self) -> str:
        """'září 2026 – listopad 2026', or the one month."""
        first, last = fmt.month(self.start), fmt.month(self.end - DAY)
        return first if first == last else f"{first} – {last}"


def basis(board: Board, given: WhatIf | None = None) -> Basis | None:
    """The last whole months of data, a year of them unless chosen otherwise; None before the first whole month."""
    chosen = dict(board.view.what_if if given is None else given)
    facts = board.facts
    end = month_start(facts.through + DAY)
    start = months_back(end, int(chosen.get("months", DEFAULT_MONTHS)))
    while start < facts.first_day:
        start = months_back(start, -1)
    return Basis(start, end) if start < end else None


def study(board: Board, given: WhatIf | None = None) -> Study | None:
    """The answer to the view's question, or to that of `given` (a saved one); None without a whole month."""
    on = basis(board, given)
    if on is None:
        return None
    question = asked(board, board.view.what_if if given is None else given, is_saved=given is not None)
    return board.reader.plan_study(
        board.viewer.scope, units=[board.unit], start=on.start, end=on.end, asked=question, role=board.role
    )


def unpriced_said(board: Board) -> str | None:
    """That some requests of the months counted have no price, and so stand for nothing; None where all have one.

    Of all roles and channels: the use of nobody known has no role.
    """
    on = basis(board)
    rows = board.ask_of_all("cost/by_unit", units=[board.unit], start=on.start, end=on.end) if on else []
    count = known(rows[0]["requests_without_cost"]) if rows else None
    if not count:
        return None
    return ngettext(
        "{n} request without a price is not in the comparison.",
        "{n} requests without a price are not in the comparison.",
        count,
    )


def holders(board: Board) -> tuple[Holder, ...]:
    """For whom the mix has a seat, person by person; nobody for who may not see persons."""
    on = basis(board)
    if on is None or "persons" not in board.viewer.rights:
        return ()
    question = asked(board, board.view.what_if)
    return board.reader.plan_holders(
        board.viewer.scope, board.viewer.rights, units=[board.unit], start=on.start, end=on.end, asked=question,
        role=board.role,
    )  # fmt: skip


def asked(board: Board, given: WhatIf, *, is_saved: bool = False) -> Asked:
    """The assumptions as the engine takes them; without a plan the configured price stands, else a well-known plan."""
    chosen = dict(given)
    own = configured(board)
    first = chosen.get(PLANS[0]) or (own.plan if own else FALLBACK)
    codes = tuple(dict.fromkeys([first, *(chosen[name] for name in PLANS[1:] if name in chosen)]))
    seat = Decimal(chosen["seat"]) if "seat" in chosen else None if is_saved else board.view.seat_czk
    return Asked(
        plans=codes,
        seat_czk=seat,
        discount=Decimal(chosen.get("discount", 0)) / HUNDRED,
        usd_czk=Decimal(chosen["rate"]) if "rate" in chosen else None,
        growth=_multiple(chosen.get("growth")),
        people=_multiple(chosen.get("people")),
        price=_multiple(chosen.get("mix")),
        tax=chosen.get("vat", "none"),
        seats=int(chosen["seats"]) if "seats" in chosen else None,
        joining=tuple(chosen["join"].split(",")) if "join" in chosen else (),
        own_plan=own,
    )


def _multiple(percent: str | None) -> Decimal:
    return 1 + Decimal(percent or 0) / HUNDRED


def configured(board: Board) -> Plan | None:
    """The plan of the configuration's price of a seat; it is taken to include all its holder's use."""
    settings = board.facts.settings
    if settings.get("seat_price") is None:
        return None
    return Plan(
        CONFIGURED,
        name=settings.get("plan_name", ""),
        currency=settings.get("seat_currency", "CZK"),
        seat_fee=Decimal(settings["seat_price"]),
        minimum_seats=int(settings.get("minimum_seats", 0)),
    )


def known_plans(board: Board) -> list[Row]:
    """Rows of the plans that can be bought on the last day of data."""
    return board.ask("plans/plans", day=board.facts.through)
