"""What the invented university is billed: cost reports, invoices, flat costs and credits, in the forms they come in.

Every document follows from the requests of its days, so that the same history has the same bytes, and a day more
changes only the reports on the month that runs. OpenAI and Mistral (in euros) also send an invoice for each month,
which stands before OpenAI's report; of Anthropic, Google and Azure there are reports alone.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

MODELS = (  # in the order of model_name in increment_rows.sql, with whoever bills them
    ("gpt-5.5", "openai"), ("gpt-5.5-mini", "openai"), ("gpt-5", "azure"), ("claude-opus-4-5", "anthropic"),
    ("claude-sonnet-4-5", "anthropic"), ("claude-haiku-4-5", "anthropic"), ("gemini-3-pro", "google"),
    ("gemini-3-flash", "google"), ("llama-4-maverick", "self_hosted"), ("qwen3-coder", "self_hosted"),
    ("mistral-large", "mistral"), ("text-embedding-3-large", "openai"),
)  # fmt: skip
_SKEW = 1.7
_MEAN_USD = Decimal("0.04") / 3
_MICRO, _CENT = Decimal("0.000001"), Decimal("0.01")
_EUR_IN_USD = Decimal("0.87")
_PARTS = (("input", "0.3"), ("cached input", "0.1"), ("output", "0.6"))
_OWN_PROJECT = Decimal("0.05")  # of OpenAI's cost, past the gateway
_VAT = Decimal("0.21")
_SEATS = (("CHATGPT-EDU-SEAT", 3000, 520), ("M365-COPILOT-SEAT", 400, 610))
_FORM = (
    "invoice_id provider issuer issuer_country kind issue_day tax_point currency net_total tax_total gross_total"
    " corrects_invoice_id description amount period_start period_last_day model category credit_kind"
)
_FOCUS = (
    "BilledCost BillingCurrency BillingPeriodStart ChargeCategory ChargeDescription ChargePeriodStart ChargePeriodEnd"
    " InvoiceIssuerName ProviderName ServiceName x_ModelName"
)
_OPENAI = "start_time end_time start_time_iso end_time_iso amount_value amount_currency line_item project_id"
Costs = Mapping[date, Mapping[str, Decimal]]


class Month(NamedTuple):
    """A month: its first day, the first day of the next, and what each day of it cost by model."""

    start: date
    end: date
    costs: Costs

    @property
    def last(self) -> date:
        """Its last day."""
        return self.end - timedelta(1)

    def total(self, provider: str) -> dict[str, Decimal]:
        """{model: USD} of one provider."""
        named = [model for model, by in MODELS if by == provider]
        return {model: sum((day[model] for day in self.costs.values()), Decimal(0)) for model in named}


_FormLine = tuple[str, Decimal, Month, str | None, str | None, str | None]


def write_invoices(folder: Path, requests: Mapping[date, int], end: date, *, is_late_there: bool = True) -> None:
    """Every document that has come by `end`; `requests` are their number by day. One invoice comes very late."""
    folder.mkdir(parents=True, exist_ok=True)
    for month in months(requests):
        for name, text in _reports(month):
            put(folder / name, text)
        if month.end + timedelta(5) <= end:
            for name, text in _invoices(month):
                put(folder / name, text)
        if is_late_there and f"{month.start:%Y-%m}" == "2025-05":
            put(folder / "google-late-2025-05.csv", _late(month))
    put(folder / "costs.csv", _flat(min(requests).replace(day=1)))


def months(requests: Mapping[date, int]) -> Iterator[Month]:
    """Every month that has days, oldest first."""
    for start in sorted({day.replace(day=1) for day in requests}):
        end = (start + timedelta(32)).replace(day=1)
        yield Month(start, end, {d: _cost(d, n) for d, n in sorted(requests.items()) if start <= d < end})


def put(file: Path, text: str) -> None:
    """Writes the file, unless it says so already."""
    raw = text.encode()
    if not file.is_file() or file.read_bytes() != raw:
        file.write_bytes(raw)


def table(header: str, rows: Iterable[Sequence[object]]) -> str:
    """CSV with that header, its names parted by spaces; None is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split())
    writer.writerows(["" if c is None else c for c in row] for row in rows)
    return text.getvalue()


def drawn(*of: object) -> float:
    """A number from 0 to 1 that follows from what it is of."""
    return int(sha256(repr(of).encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def _cost(day: date, requests: int) -> dict[str, Decimal]:
    """{model: USD} billed for a day: what is metered, a few per cent more or less."""
    dear = Decimal("2.2") if (day - date(2024, 1, 1)).days % 53 == 17 else Decimal(1)
    return {
        model: (requests * _share(n) * _MEAN_USD * dear * Decimal(f"{0.98 + 0.08 * drawn(day, model):.4f}")).quantize(
            _MICRO
        )
        for n, (model, _) in enumerate(MODELS)
    }


def _share(number: int) -> Decimal:
    """The share of requests that go to the model of that number."""
    count, power = len(MODELS), 1 / _SKEW
    return Decimal(f"{((number + 1) / count) ** power - (number / count) ** power:.9f}")


def _reports(month: Month) -> Iterator[tuple[str, str]]:
    """(file, text) of what the providers' own reports say of the month so far."""
    yield f"openai-{month.start:%Y-%m}.csv", _openai(month)
    yield f"anthropic-{month.start:%Y-%m}.json", _anthropic(month)
    yield f"google-{month.start:%Y-%m}-focus.csv", _focus(month, "google", "Google Cloud", "Vertex AI")
    yield f"azure-{month.start:%Y-%m}-focus.csv", _focus(month, "azure", "Microsoft", "Azure OpenAI Service")


def _invoices(month: Month) -> Iterator[tuple[str, str]]:
    """(file, text) of what is invoiced when the month is over."""
    name = f"{month.start:%Y-%m}"
    yield f"openai-invoice-{name}.csv", _openai_invoice(month)
    yield f"mistral-invoice-{name}.csv", _mistral(month)
    yield f"seats-{name}.isdoc", isdoc(month, {s: (n * fee, s) for s, n, fee in _SEATS})
    if name == "2025-08":
        yield f"seats-credit-{name}.isdoc", isdoc(month, {"Sleva za výpadek": (24000, _SEATS[0][0])}, is_credit=True)
    if month.start.month % 3 == 1:
        yield f"openrouter-{name}.csv", _openrouter(month)


def _openai(month: Month) -> str:
    """The dashboard's cost export: each day by project and line item."""
    projects = (("proj_sandbox", 1 - _OWN_PROJECT), ("proj_physics", _OWN_PROJECT))
    rows: list[Sequence[object]] = []
    for day, costs in month.costs.items():
        times = (
            _epoch(day),
            _epoch(day + timedelta(1)),
            f"{day}T00:00:00+00:00",
            f"{day + timedelta(1)}T00:00:00+00:00",
        )
        for model in month.total("openai"):
            for part, share in _PARTS:
                for project, of in projects if part == "output" else projects[:1]:
                    amount = (costs[model] * Decimal(share) * of).quantize(_MICRO)
                    rows.append((*times, amount, "usd", f"{model}, {part}", project))
    return table(_OPENAI, rows)


def _anthropic(month: Month) -> str:
    """A saved answer of the cost report: amounts in cents."""
    data = [
        {
            "starting_at": f"{day}T00:00:00Z",
            "ending_at": f"{day + timedelta(1)}T00:00:00Z",
            "results": [
                {"amount": str(costs[model] * Decimal(share) * 100), "currency": "USD", "workspace_id": None,
                 "description": f"{model} {kind}", "cost_type": "tokens", "context_window": "0-200k", "model": model,
                 "service_tier": "standard", "token_type": kind, "inference_geo": "global"}
                for model in month.total("anthropic")
                for kind, share in (("uncached_input_tokens", "0.4"), ("output_tokens", "0.6"))
            ],
        }
        for day, costs in month.costs.items()
    ]  # fmt: skip
    return json.dumps({"data": data, "has_more": False, "next_page": None}, indent=1)


def _focus(month: Month, provider: str, name: str, service: str) -> str:
    """A FOCUS export: each day by model."""
    rows = [
        (costs[model], "USD", f"{month.start}T00:00:00Z", "Usage", f"{model}, usage", f"{day}T00:00:00Z",
         f"{day + timedelta(1)}T00:00:00Z", name, name, service, model)
        for day, costs in month.costs.items()
        for model in month.total(provider)
    ]  # fmt: skip
    return table(_FOCUS, rows)


def _openai_invoice(month: Month) -> str:
    """A line a model, a support plan that is not metered, and a discount."""
    used = {model: (usd * Decimal("1.01")).quantize(_CENT) for model, usd in month.total("openai").items()}
    lines: list[_FormLine] = [(f"{model} usage", usd, month, model, "Usage", None) for model, usd in used.items()]
    lines.append(("Support plan", Decimal(300), month, None, "Purchase", None))
    saved = -(sum(used.values(), Decimal(0)) * Decimal("0.03")).quantize(_CENT)
    lines.append(("Committed use discount", saved, month, None, "Credit", None))
    return _form(month, "openai", "OpenAI Ireland Ltd", "IE", "USD", lines)


def _mistral(month: Month) -> str:
    amount = (sum(month.total("mistral").values(), Decimal(0)) * _EUR_IN_USD).quantize(_CENT)
    return _form(month, "mistral", "Mistral AI", "FR", "EUR", [("API usage", amount, month, None, "Usage", None)])


def _openrouter(month: Month) -> str:
    """Credits bought, of which most were used and some lapsed."""
    kinds = (("Credits", 200, "purchase"), ("Use of credits", 171, "burn_down"), ("Lapsed", 9, "expiry"))
    lines = [(said, Decimal(amount), month, None, None, kind) for said, amount, kind in kinds]
    return _form(month, "openrouter", "OpenRouter, Inc.", "US", "USD", lines)


def _late(month: Month) -> str:
    """What Google left out in the month and bills when the month has long been closed."""
    lines = [("Vertex AI, grounding", Decimal("412.50"), month, "gemini-3-pro", "Usage", None)]
    return _form(month, "google", "Google Cloud EMEA Ltd", "IE", "EUR", lines, issued=date(2025, 11, 20))


def _form(
    month: Month,
    provider: str,
    issuer: str,
    country: str,
    currency: str,
    lines: Sequence[_FormLine],
    *,
    issued: date | None = None,
) -> str:
    """An invoice as an accountant types it into the form, before tax, its tax point the month's last day."""
    net = sum((amount for _, amount, _, _, _, kind in lines if kind in (None, "purchase")), Decimal(0))
    letter = "L" if issued else "F"
    head = (f"{letter}-{provider}-{month.start:%Y%m}", provider, issuer, country, "invoice",
            issued or month.end + timedelta(3), month.last, currency, net, 0, net, None)  # fmt: skip
    return table(
        _FORM,
        [
            (*head, said, amount, of.start, of.last, model, category, kind)
            for said, amount, of, model, category, kind in lines
        ],
    )


def isdoc(month: Month, lines: Mapping[str, tuple[int, str]], *, is_credit: bool = False) -> str:
    """An electronic invoice or credit note in crowns; lines are {description: (amount, code of the product)}."""
    kind, letter = ("2", "D") if is_credit else ("1", "S")
    net = Decimal(sum(amount for amount, _ in lines.values()))
    corrects = f"<OriginalDocumentReference><ID>S-{month.start:%Y%m}</ID></OriginalDocumentReference>"
    items = "".join(
        f'<InvoiceLine><ID>{n}</ID><InvoicedQuantity unitCode="ks">1</InvoicedQuantity>'
        f"<LineExtensionAmount>{amount}</LineExtensionAmount><ClassifiedTaxCategory><Percent>21</Percent>"
        "<VATCalculationMethod>0</VATCalculationMethod></ClassifiedTaxCategory><Item>"
        f"<Description>{text}</Description><SellersItemIdentification><ID>{sku}</ID></SellersItemIdentification>"
        "</Item></InvoiceLine>"
        for n, (text, (amount, sku)) in enumerate(lines.items(), 1)
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Invoice xmlns="http://isdoc.cz/namespace/2013" version="6.0.2">
<DocumentType>{kind}</DocumentType><ID>{letter}-{month.start:%Y%m}</ID><IssueDate>{month.end + timedelta(3)}</IssueDate>
<TaxPointDate>{month.last}</TaxPointDate><VATApplicable>true</VATApplicable><LocalCurrencyCode>CZK</LocalCurrencyCode>
<CurrRate>1</CurrRate><RefCurrRate>1</RefCurrRate><AccountingSupplierParty><Party><PartyName>
<Name>Prodejce licencí, s.r.o.</Name></PartyName><PostalAddress><Country><IdentificationCode>CZ</IdentificationCode>
</Country></PostalAddress></Party></AccountingSupplierParty>
<OriginalDocumentReferences>{corrects if is_credit else ""}</OriginalDocumentReferences>
<InvoiceLines>{items}</InvoiceLines>
<TaxTotal><TaxSubTotal><TaxAmount>{net * _VAT}</TaxAmount></TaxSubTotal><TaxAmount>{net * _VAT}</TaxAmount></TaxTotal>
<LegalMonetaryTotal><TaxExclusiveAmount>{net}</TaxExclusiveAmount>
<TaxInclusiveAmount>{net * (1 + _VAT)}</TaxInclusiveAmount></LegalMonetaryTotal></Invoice>
"""


def _flat(start: date) -> str:
    """A contribution to a shared cluster, a leased GPU for one model, and one that a faculty pays; three years."""
    end = start.replace(year=start.year + 3)
    costs = (("Příspěvek e-INFRA CZ", None, None, 90000), ("Pronájem GPU", "llama-4-maverick", None, 60000),
             ("GPU katedry", None, "F4", 9500))  # fmt: skip
    header = "provider description model unit amount per currency period_start period_end is_amortised"
    return table(
        header,
        [
            ("self_hosted", said, model, unit, czk, "month", "CZK", start, end, "true")
            for said, model, unit, czk in costs
        ],
    )


def _epoch(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
