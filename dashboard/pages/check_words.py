"""What each check of a load looks for, and what to do where it finds something (queries/checks)."""

from dashboard.language import _

WORDS_OF_A_BUG = frozenset(
    {
        "gateway_days_agree", "invoice_days_add_up", "ledger_lines_add_up", "ledger_totals_agree",
        "ledger_units_add_up",
        "marts_agree", "metered_days_agree", "request_twice", "usage_adds_up",
    }
)  # fmt: skip


def looks_for(name: str) -> str:
    """What it would mean if the check found something; its own name where nobody has put it in words."""
    return {
        "bill_deviates": _("More of a bill stays unexplained than is allowed."),
        "credits_counted_twice": _("Credits were bought and the same use is billed by reports as well."),
        "gateway_days_agree": _("Metered cost by UTC days differs from that by local days."),
        "invoice_below_report": _("An invoice bills clearly less or more than the provider's own report."),
        "invoice_days_add_up": _("The days of an invoice line do not add up to the line."),
        "invoiced_twice": _("The same provider and day stand in two documents."),
        "ledger_closed_months": _("Rows of a closed month have changed."),
        "ledger_lines_add_up": _("The booked lines of a document are not its total."),
        "ledger_not_booked": _("A document is not booked: its rate or rule is missing."),
        "ledger_totals_agree": _("Booked documents and the ledger by unit are not the same money."),
        "ledger_unallocated": _("More than a tenth of an open month is charged to nobody."),
        "ledger_units_add_up": _("What units are charged does not add up to the invoice line."),
        "marts_agree": _("Sums by key or by error differ from sums of use."),
        "metered_days_agree": _("What invoices are shared by differs from the metering."),
        "model_unmapped": _("A model has no row in models.csv: its family and hosting are unknown."),
        "rate_missing": _("A cost in dollars has no exchange rate of its day."),
        "rate_old": _("The last exchange rate is more than ten days old."),
        "request_twice": _("The same request stands twice."),
        "seat_plan_unknown": _("Seats of a product that is no plan: their cost is unknown."),
        "source_twice": _("Two sources hold the same requests: use and cost are counted twice."),
        "team_unit_unknown": _("A team names a unit that does not exist: what it spends stands under Unknown unit."),
        "turns_unseen": _("There are chats of a day on which the gateway has none."),
        "unit_unknown": _("People whose unit nobody states: their cost stands under Unknown unit."),
        "usage_adds_up": _("Requests or cents got lost, or were added, on the way."),
        "usage_reported_twice": _("Two usage reports count the same provider, day and model."),
    }.get(name, name)


def remedy(name: str) -> str:
    """What to do; '' where nobody has put it in words."""
    if name in WORDS_OF_A_BUG:
        return _("An error of this program; the load was not kept. Tell whoever runs it.")
    return {
        "bill_deviates": _("See Invoices; load the provider's usage report, or ask the provider."),
        "credits_counted_twice": _("Name the provider in [invoices] prepaid."),
        "invoice_below_report": _("Compare both; give the invoice lines their periods and categories."),
        "invoiced_twice": _("Remove one of them from the folder of invoices."),
        "ledger_closed_months": _("Take the data from a backup, or open the month again and say why."),
        "ledger_not_booked": _("Add what is missing; the month can't be closed before."),
        "ledger_unallocated": _("Add owners or shares to allocation.toml; see Invoices for the amounts."),
        "model_unmapped": _("Add the name to models.csv."),
        "rate_missing": _("Add the rates to the folder of rates, or take them from the central bank."),
        "rate_old": _("Add the rates to the folder of rates, or take them from the central bank."),
        "seat_plan_unknown": _("Add the product to plans.csv."),
        "source_twice": _("Was a source renamed in config.toml, or is one system named twice there?"),
        "team_unit_unknown": _("Add the code to units.csv, or mend the team's metadata."),
        "turns_unseen": _("Read the gateway's day again, or list the models under direct_models."),
        "unit_unknown": _("Add them to people.csv, their domain to domains.csv or their group to groups.csv."),
        "usage_reported_twice": _("Remove one of them from the folder, or set usage = false."),
    }.get(name, "")
