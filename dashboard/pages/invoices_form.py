"""The form for an invoice that no file can be read of: typed in, checked by the ETL, kept as a file in its folder."""

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board
from dashboard.language import _
from dashboard.markup import Child, join, tag
from dashboard.orders import may_order
from dashboard.pages.order_cards import order_form

CURRENCIES = ("CZK", "EUR", "USD", "GBP")
LINES = 3
_PROVIDERS = ("openai", "anthropic", "google", "azure", "aws", "mistral", "self_hosted")


def typed_invoice(board: Board) -> Markup:
    """The card with the form; nothing for those who may not enter invoices."""
    if not may_order(board.viewer, "invoice"):
        return Markup()
    form = order_form(board, "invoice", {}, _("Book it"), _header(), join(_line(board, n) for n in range(1, LINES + 1)))
    note = tag("p", _("Days as 30.11.2026 or 2026-11-30, amounts with either decimal mark. A line left empty is "
                      "left out. The same number again replaces what was typed before."), class_="note")  # fmt: skip
    about = tag("p", _("Type it in as it stands: the lines must make its total. It is booked with the next load."),
                class_="finding")  # fmt: skip
    question = tag("summary", tag("h2", _("Has an invoice come on paper or as a PDF? Type it in")))
    return tag("section", tag("details", question, about, form, note), class_="card typed")


def _header() -> Markup:
    fields = [
        _text("issuer", _("Issuer"), is_needed=True),
        _choice(
            "provider", _("Provider"), [("", _("as the issuer says")), *((p, fmt.provider_name(p)) for p in _PROVIDERS)]
        ),
        _text("issuer_country", _("Country of the issuer"), "IE", size=2),
        _text("invoice_id", _("Number"), is_needed=True),
        _choice("kind", _("Kind"), [("invoice", _("invoice")), ("credit_note", _("credit note"))]),
        _text("issue_day", _("Issued"), kind="date"),
        _text("tax_point", _("Tax point"), kind="date"),
        _text("due_day", _("Due"), kind="date"),
        _choice("currency", _("Currency"), [(c, c) for c in CURRENCIES]),
        _text("net_total", _("Before tax"), is_needed=True, is_amount=True),
        _text("tax_total", _("Tax"), is_amount=True),
        _text("gross_total", _("With tax"), is_amount=True),
        _text("prepaid_total", _("Advances settled"), is_amount=True),
        _text("corrects_invoice_id", _("Corrects invoice")),
    ]
    return tag("fieldset", tag("legend", _("Document")), fields, class_="typed-fields")


def _line(board: Board, number: int) -> Markup:
    is_first = number == 1
    units = [("", _("no owner")), *((r["unit"], r["unit"]) for r in board.facts.units if r["level"] != "special")]
    kinds = [("", _("not prepaid")), ("purchase", _("credit bought")), ("burn_down", _("credit used")),
             ("expiry", _("credit lapsed")), ("grant", _("credit granted"))]  # fmt: skip
    fields = [
        _text(f"description_{number}", _("What for"), is_needed=is_first),
        _text(f"amount_{number}", _("Amount before tax"), is_needed=is_first, is_amount=True),
        _text(f"vat_percent_{number}", _("VAT, %"), is_amount=True),
        _text(f"period_start_{number}", _("From day or month"), "2026-10"),
        _text(f"period_last_day_{number}", _("To day (included)")),
        _text(f"model_{number}", _("Model")),
        _choice(f"credit_kind_{number}", _("Prepaid credit"), kinds),
        _choice(f"unit_{number}", _("Who pays"), units),
    ]
    return tag("fieldset", tag("legend", _("Line {n}", n=number)), fields, class_="typed-fields")


def _text(
    name: str, label: str, hint: str = "", *, is_needed: bool = False, is_amount: bool = False, kind: str = "text",
    size: int | None = None,
) -> Markup:  # fmt: skip
    field = tag(
        "input", type=kind, name=name, placeholder=hint or None, required=is_needed, maxlength=size or 300,
        inputmode="decimal" if is_amount else None, autocomplete="off",
    )  # fmt: skip
    return _labelled(label, field, is_needed=is_needed)


def _choice(name: str, label: str, choices: list[tuple[str, str]]) -> Markup:
    return _labelled(label, tag("select", [tag("option", said, value=v) for v, said in choices], name=name))


def _labelled(label: str, field: Child, *, is_needed: bool = False) -> Markup:
    star = tag("span", " *", aria_hidden="true") if is_needed else None
    return tag("label", tag("span", label, star), tag("span", field, class_="field"))
