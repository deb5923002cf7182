"""Plans: buy seats or pay as you go, and how sure can one be of it."""

from dashboard import format as fmt
from dashboard.board import Board
from dashboard.cards import Card, Empty, Page, Spec
from dashboard.components import bullet_list
from dashboard.language import _
from dashboard.pages.plan_cards import answered, by_seats, decide, people, rate_line
from dashboard.pages.plan_depth import break_even, compared, funding, sensitivity
from dashboard.pages.plan_forecast import forecast
from dashboard.pages.plan_inputs import inputs
from dashboard.pages.plan_question import unpriced_said
from dashboard.pages.plan_scenarios import scenarios
from dashboard.pages.plan_seats import bought, seat_holders


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
        *filter(None, [unpriced_said(board)]),
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
        Spec("forecast", forecast),
        Spec("funding", funding),
        Spec("seats-bought", bought, 5),
        Spec("caveats", caveats, 7),
        Spec("seat-holders", seat_holders),
    ),
)
