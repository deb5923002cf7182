"""Plans: buy seats or pay as you go, and how sure can one be of it."""

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec
from dashboard.components import Step, bullet_list, funnel, hidden_note
from dashboard.language import _
from dashboard.pages.plan_cards import answered, by_seats, decide, people, rate_line
from dashboard.pages.plan_depth import break_even, compared, funding, seat_holders, sensitivity
from dashboard.pages.plan_inputs import inputs
from dashboard.pages.plan_scenarios import scenarios
from dashboard.pages.shared_cards import known, part
from dashboard.period import month_start, months_back
from dashboard.sheets import Column, Sheet
from dashboard.what_if import DEFAULT_MONTHS


def bought(board: Board) -> Card | Empty:
    """Of the seats bought: assigned, activated, active, at their limit."""
    question = _("Are the bought seats used?")
    through = board.facts.through
    start = months_back(month_start(through), DEFAULT_MONTHS)
    rows = board.ask("plans/seat_funnel", units=[board.unit], start=start, end=through)
    latest = {r["product"]: r for r in sorted(rows, key=lambda r: r["month_start"])}
    if not latest:
        return Empty(question, _("No report of bought seats has been read"), _("Put reports into the folder of seats."))
    columns = [
        Column("product", _("Plan")),
        Column("report_day", _("Report of"), "day"),
        Column("bought", _("Bought"), "count"),
        Column("assigned", _("Assigned"), "count"),
        Column("activated", _("Activated"), "count"),
        Column("active", _("Active in 28 days"), "count"),
        Column("at_limit", _("At the limit"), "count"),
        Column("unused_czk", _("Idle, a month"), "czk"),
    ]
    shown = list(latest.values())
    row = max(shown, key=lambda r: known(r["bought"]) or known(r["assigned"]) or 0)
    note = hidden_note(board.facts.minimum_group)
    sheet = Sheet(columns, shown)
    return Card(question, _idle(row), [_steps(row)], sheet, ("plans/seat_funnel",), as_of=row["report_day"], note=note)


def _idle(row: Row) -> str:
    if known(row["unused_czk"]) is None:
        return _("{product}: what lies idle can't be told.", product=row["product"])
    return _("{product}: seats nobody was active under cost {czk} a month.", product=row["product"],
             czk=fmt.money(row["unused_czk"]))  # fmt: skip


def _steps(row: Row) -> Markup:
    titles = {
        "bought": (_("Bought"), ""),
        "assigned": (_("Assigned"), _("held by somebody, or invited")),
        "activated": (_("Activated"), _("ever used")),
        "active": (_("Active"), _("in the 28 days to the report")),
        "at_limit": (_("At the limit"), _("95 % of what the seat includes, or more")),
    }
    whole = known(row["bought"]) or known(row["assigned"])
    steps = [
        Step(title, about, fmt.number(row[key]), part(row[key], whole), fmt.share(_rate(row[key], whole)))
        for key, (title, about) in titles.items()
        if row[key] is not None
    ]
    return funnel(steps)


def _rate(value: object, whole: object) -> float | None:
    count, of = known(value), known(whole)
    return float(count) / float(of) if count is not None and of else None


def caveats(board: Board) -> Card | Empty:
    """What is printed beside every comparison."""
    question = _("What should one know before deciding?")
    both = answered(board)
    if both is None:
        return Empty(question, _("Not enough data to compare"))
    on, answer = both
    tax = answer.tax
    said = [
        _(
            "Use of the Sandbox is not use under a seat: other people would take seats, features differ, "
            "and limits hold demand back."
        ),
        _("A seat's value is not only tokens."),
        _("A seat without stated limits is taken to include all its holder's use; what a seat's limit blocks is paid "
          "by use, since only equal service can be compared."),
        _("Service accounts and use of nobody known are paid by use in any case and left out here."),
        _("Months counted: {months}.", months=on.months_said),
        rate_line(answer),
        _("Ranges draw months and people anew from those there were: they know nothing of prices, seasons or models "
          "to come."),
        _("Without VAT unless chosen; VAT adds {vat}, what of it is not deducted {part} ({origin}).",
          vat=fmt.share(tax.vat), part=fmt.share(tax.non_deductible),
          origin=_("as allocated in a year") if tax.is_measured else _("assumed: nothing is allocated yet")),
        _("Self-hosted models cost what the gateway says, mostly nothing."),
    ]  # fmt: skip
    return Card(question, None, [bullet_list(said)])


PAGE = Page(
    path="/plans",
    name="plans",
    icon="plans",
    title=lambda: _("Plans"),
    has_period=False,
    filters=frozenset({"role"}),
    specs=(
        Spec("seat-price", inputs),
        Spec("decide", decide),
        Spec("person-costs", people, 6),
        Spec("cost-by-seats", by_seats, 6),
        Spec("break-even", break_even, 5),
        Spec("sensitivity", sensitivity, 7),
        Spec("plans-compared", compared),
        Spec("scenarios", scenarios),
        Spec("funding", funding),
        Spec("seats-bought", bought, 5),
        Spec("caveats", caveats, 7),
        Spec("seat-holders", seat_holders),
    ),
)
