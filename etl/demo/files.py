"""Puts an invented world into files: the directory's CSV, exchange rates, invoices in their providers' forms."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from etl.demo.people import STUDENTS_DOMAIN
from etl.demo.seats import PLANS, make_leavers, make_plans
from etl.demo.world import Bill, World
from etl.reference_data import SHIPPED

_FOCUS = (
    "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargeCategory",
    "ChargeClass", "ChargeDescription", "ChargePeriodStart", "ChargePeriodEnd", "ConsumedQuantity", "ConsumedUnit",
    "EffectiveCost", "InvoiceIssuerName", "ListCost", "ProviderName", "ServiceCategory", "ServiceName",
    "SubAccountId", "Tags", "x_ModelName",
)  # fmt: skip


def write_directory(folder: Path, world: World) -> None:
    """units.csv, domains.csv, people.csv, population.csv, service_accounts.csv, groups.csv, and what is planned."""
    folder.mkdir(parents=True, exist_ok=True)
    units = world.units.values()
    _write(
        folder / "units.csv",
        "unit parent_unit level name_cs name_en cost_centre",
        [(u.unit, u.parent, u.level, u.name_cs, u.name_en, u.cost_centre) for u in units],
    )
    domains = [(u.domain, u.unit, "staff") for u in units if u.unit != "UK"]
    _write(folder / "domains.csv", "domain unit role", [*domains, (STUDENTS_DOMAIN, "UK", "student")])
    _write(
        folder / "people.csv",
        "id also unit role weight valid_from valid_to",
        [
            *((p.email, p.alias, h.unit, h.role, h.weight, h.start, h.end)
              for p in world.persons if p.known_by == "people" for h in p.homes),
            *((a.email, a.alias, a.unit, "staff", 1, None, None) for a in world.absent),
            *((a.email, a.alias, a.unit, "staff", 1, None, gone) for a, gone in make_leavers(world)),
        ],
    )  # fmt: skip
    heads = [(h.unit, h.role, h.persons, h.start, h.end) for h in world.population]
    _write(folder / "population.csv", "unit role persons valid_from valid_to", heads)
    _write(folder / "service_accounts.csv", "kind id name unit", _services(world))
    _write(folder / "groups.csv", "group unit role", [("aff:staff", "", "staff"), ("aff:student", "", "student")])
    _write_plans(folder, world)
    _write_models(folder)


def _write_plans(folder: Path, world: World) -> None:
    """budgets.csv, plans.csv, annotations.csv, targets.csv and prices.csv."""
    _write(
        folder / "budgets.csv",
        "unit period_start period_end amount currency note",
        [(b.unit, b.start, b.end, b.amount_czk, "CZK", b.note) for b in world.budgets],
    )
    _write(folder / "plans.csv", PLANS, make_plans(world))
    _write(folder / "annotations.csv", "day kind name_cs name_en", world.annotations)
    _write(folder / "targets.csv", "unit metric day value", world.targets)
    _write(folder / "prices.csv", "model valid_from kind input_usd cached_usd cache_write_usd output_usd", world.prices)


def _write_models(folder: Path) -> None:
    """models.csv: the shipped names, with a model that is banned by now and the data each may be given."""
    with (SHIPPED / "models.csv").open(encoding="utf-8", newline="") as file:
        shipped = list(csv.DictReader(file))
    rows = [
        (*row.values(), "banned" if row["model"] == "gpt-4o" else "allowed",
         "sensitive" if row["hosting"] == "self_hosted" else "internal")
        for row in shipped
    ]  # fmt: skip
    _write(folder / "models.csv", " ".join((*shipped[0], "policy", "data_category")), rows)


def _services(world: World) -> list[Sequence[object]]:
    """One service by its key's hash, a course by its team, the others by their key's alias."""
    found: list[Sequence[object]] = [("team", t.team, t.alias, t.payer) for t in world.teams.values() if t.is_service]
    for key in world.keys.values():
        if key.is_service and key.team is None:
            by_hash = key.alias == "moodle-assistant"
            found.append(("key" if by_hash else "key_alias", key.token if by_hash else key.alias, key.alias, key.payer))
    return found


def write_rates(folder: Path, world: World) -> None:
    """One file of invented rates, said so in its name and its first line."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(day, currency, rate, "cnb") for (day, currency), rate in sorted(world.rates.items())]
    file = folder / "invented-demo-rates.csv"
    _write(file, "day currency czk_per_unit origin", rows)
    note = "# Invented for the demo: these are not rates of the Czech National Bank.\n"
    file.write_text(note + file.read_text("utf-8"), "utf-8")


def write_invoices(folder: Path, bills: Iterable[Bill]) -> None:
    """Every bill in the form its provider gives: one file a document."""
    folder.mkdir(parents=True, exist_ok=True)
    documents: dict[str, list[Bill]] = defaultdict(list)
    for bill in bills:
        documents[bill.document].append(bill)
    forms = {"openai": _openai, "anthropic": _anthropic, "google": _focus, "azure": _focus,
             "mistral": _mistral}  # fmt: skip
    for document, found in documents.items():
        forms.get(found[0].provider, _costs)(folder, document, found)


def _openai(folder: Path, document: str, bills: list[Bill]) -> None:
    """The dashboard's export; days without cost are rows without an amount."""
    header = (
        "start_time end_time start_time_iso end_time_iso amount_value amount_currency line_item project_id"
        " organization_id organization_name"
    )
    rows = [
        (_epoch(b.start), _epoch(b.end), f"{b.start}T00:00:00+00:00", f"{b.end}T00:00:00+00:00", b.amount, "usd",
         f"{b.model}, input", "proj_sandbox", "org-DEMO", "Demo")
        for b in bills
    ]  # fmt: skip
    empty = bills[0].start.replace(day=1)
    blank = (
        _epoch(empty),
        _epoch(empty + timedelta(1)),
        f"{empty}T00:00:00+00:00",
        f"{empty + timedelta(1)}T00:00:00+00:00",
    )
    _write(folder / f"{document}.csv", header, [(*blank, "", "", "", "", "", ""), *rows])


def _anthropic(folder: Path, document: str, bills: list[Bill]) -> None:
    """A saved answer of the cost report: amounts in cents."""
    days: dict[date, list[Bill]] = defaultdict(list)
    for bill in bills:
        days[bill.start].append(bill)
    data = [
        {
            "starting_at": f"{day}T00:00:00Z",
            "ending_at": f"{day + timedelta(1)}T00:00:00Z",
            "results": [
                {"amount": str(b.amount * 100), "currency": b.currency, "workspace_id": None,
                 "description": b.description, "cost_type": "tokens", "context_window": "0-200k", "model": b.model,
                 "service_tier": "standard", "token_type": "uncached_input_tokens", "inference_geo": "global"}
                for b in found
            ],
        }
        for day, found in sorted(days.items())
    ]  # fmt: skip
    page = {"data": data, "has_more": False, "next_page": None}
    (folder / f"{document}.json").write_text(json.dumps(page, indent=1), "utf-8")


def _focus(folder: Path, document: str, bills: list[Bill]) -> None:
    """A FOCUS export."""
    rows = []
    for b in bills:
        known = {
            "BilledCost": b.amount,
            "EffectiveCost": b.amount,
            "BillingCurrency": b.currency,
            "BillingPeriodStart": f"{b.start.replace(day=1)}T00:00:00Z",
            "ChargeCategory": b.category,
            "ChargeDescription": b.description,
            "ChargePeriodStart": f"{b.start}T00:00:00Z",
            "ChargePeriodEnd": f"{b.end}T00:00:00Z",
            "ProviderName": {"azure": "Microsoft", "google": "Google Cloud"}[b.provider],
            "ServiceName": b.service,
            "x_ModelName": b.model,
            "Tags": "NULL",
        }
        rows.append([known.get(column, "") for column in _FOCUS])
    _write(folder / f"{document}-focus.csv", " ".join(_FOCUS), rows)


def _mistral(folder: Path, document: str, bills: list[Bill]) -> None:
    """A spreadsheet as accountants keep it: decimal comma, last day included; config.toml has a mapping for it."""
    rows = [
        (b.service, b.description, b.model, f"{b.start:%d.%m.%Y}", f"{b.end - timedelta(1):%d.%m.%Y}",
         f"{b.amount:.2f}".replace(".", ","), b.currency)
        for b in bills
    ]  # fmt: skip
    with (folder / f"{document}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Služba", "Položka", "Model", "Období od", "Období do", "Základ", "Měna"])
        writer.writerows(rows)


def _costs(folder: Path, document: str, bills: list[Bill]) -> None:
    """Flat costs by the month, spread over its days."""
    _write(
        folder / f"{document}.csv",
        "provider description model unit amount per currency period_start period_end is_amortised",
        [(b.provider, b.description, b.model, b.unit, b.amount, "period", b.currency, b.start, b.end, "true")
         for b in bills],
    )  # fmt: skip


def _epoch(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _write(file: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(header.split())
        writer.writerows(["" if c is None else c for c in row] for row in rows)
