"""The sample files as providers make them: what is covered loads with its stated total, the rest says why not."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from etl.errors import InputError
from etl.sections import ColumnMapping
from etl.sources.invoices.folder import InvoiceFolder
from tests.conftest import SHARED_DATA

SAMPLES = SHARED_DATA / "invoices"
FOCUS = sorted(p.name for p in (SAMPLES / "focus").glob("*.csv"))

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample invoices at {SAMPLES}")


def total(path: Path, *mappings: ColumnMapping) -> tuple[int, Decimal]:
    """How many lines a document has and what they bill together."""
    rows = [row for batch in InvoiceFolder(SAMPLES, mappings).read(path) for row in batch.to_pylist()]
    return len(rows), sum((row["billed_cost"] for row in rows), Decimal(0))


@pytest.mark.parametrize(
    ("name", "lines", "billed"),
    [("openai_costs.json", 1, "0.06"), ("openai_dashboard_cost_export.csv", 1, "0.895874")],
)
def test_openais_documents_load_with_their_totals(name: str, lines: int, billed: str) -> None:
    assert total(SAMPLES / name) == (lines, Decimal(billed))


@pytest.mark.parametrize("name", FOCUS)
def test_focus_exports_load_with_the_sum_of_their_billed_cost(name: str) -> None:
    with (SAMPLES / "focus" / name).open(encoding="utf-8-sig", newline="") as file:
        amounts = [Decimal(row["BilledCost"]) for row in csv.DictReader(file)]

    assert total(SAMPLES / "focus" / name) == (len(amounts), sum(amounts))


def test_the_focus_samples_are_there() -> None:
    assert len(FOCUS) == 10


def test_a_first_page_alone_is_refused_as_partial_and_with_its_last_page_it_loads(tmp_path: Path) -> None:
    first = (SAMPLES / "anthropic_cost_report.json").read_text()
    (tmp_path / "whole.json").write_text(f'[{first}, {{"data": [], "has_more": false, "next_page": null}}]')

    with pytest.raises(InputError, match="has_more: found 'True'; allowed: false: save every page"):
        total(SAMPLES / "anthropic_cost_report.json")
    assert total(tmp_path / "whole.json") == (1, Decimal("1.2378912"))


STATED = ("kind", "invoice_id", "currency", "net_total", "tax_total", "gross_total", "prepaid_total")


@pytest.mark.parametrize(
    ("name", "lines", "stated"),
    [
        ("sample.isdoc", 3, ("invoice", "FV-111999/2011", "EUR", "14", "1.8", "15.8", "15.7")),
        ("test001.isdoc", 13, ("invoice", "FV-1/2021", "CZK", "5500", "1155", "6655", "0")),
        ("guide-example1.xml", 20, ("invoice", "12115118", "EUR", "229.6", "20.73", "250.33", None)),
        ("ubl-tc434-example1.xml", 20, ("invoice", "12115118", "EUR", "229.6", "20.73", "250.33", None)),
        ("CII_example1.xml", 20, ("invoice", "12115118", "EUR", "229.6", "20.73", "250.33", None)),
        ("EN16931_Einfach.pdf", 2, ("invoice", "471102", "EUR", "473", "56.87", "529.87", "0")),
    ],
)
def test_electronic_invoices_load_with_the_totals_they_state(
    name: str, lines: int, stated: tuple[str | None, ...]
) -> None:
    [head] = InvoiceFolder(SAMPLES).landed(SAMPLES / "einvoices" / name).invoice.to_pylist()
    amounts = [Decimal(s) if s and n.endswith("_total") else s for n, s in zip(STATED, stated, strict=True)]

    assert [head[c] for c in STATED] == amounts
    assert total(SAMPLES / "einvoices" / name) == (lines, head["net_total"])


@pytest.mark.parametrize(
    ("name", "lines", "billed"),
    [
        ("deepseek_cost.csv", 1, "1.23"),
        ("openrouter_activity.json", 1, "0.015"),
        ("gcp_console_cost_table.csv", 0, "0"),
    ],
)
def test_reports_of_other_providers_load_with_their_totals(name: str, lines: int, billed: str) -> None:
    assert total(SAMPLES / name) == (lines, Decimal(billed))


COUNTS = ("provider", "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens")


def quantities(path: Path) -> list[tuple[object, ...]]:
    """What a document counts; it has no line of money."""
    found = InvoiceFolder(path.parent).landed(path)
    assert found.lines == []
    return [tuple(r[c] for c in COUNTS) for b in found.usage for r in b.to_pylist()]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("anthropic_usage_report_messages.json", ("anthropic", 1500, 200, 1500, 500)),
        ("openai_dashboard_completions_usage_export.csv", ("openai", 53440, 5760, 0, 10646)),
        ("deepseek_amount.csv", ("deepseek", None, None, None, 120000)),
    ],
)
def test_usage_reports_give_quantities_and_no_money(name: str, counts: tuple[object, ...]) -> None:
    assert quantities(SAMPLES / name) == [counts]


def test_a_first_page_of_usage_alone_is_refused_and_with_its_last_page_it_loads(tmp_path: Path) -> None:
    first = (SAMPLES / "openai_usage_completions.json").read_text()
    last = '{"object": "page", "data": [], "has_more": false, "next_page": null}'
    (tmp_path / "whole.json").write_text(f"[{first}, {last}]")

    with pytest.raises(InputError, match="has_more: found 'True'; allowed: false: save every page"):
        total(SAMPLES / "openai_usage_completions.json")
    assert quantities(tmp_path / "whole.json") == [("openai", 3000, 1800, 200, 1000)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("anthropic_analytics_cost_beta.json", "Anthropic analytics"),
        ("anthropic_analytics_summaries.json", "Anthropic analytics"),
        ("chatgpt_daily_usage.json", "seats and persons"),
        ("chatgpt_user_report_weekly.csv", "seats and persons"),
        ("m365_copilot_usage_user_detail.csv", "Microsoft 365 Copilot"),
        ("m365_copilot_usage_user_detail.json", "Microsoft 365 Copilot"),
        ("focus/focus_1_4_model.json", "JSON with the fields"),
    ],
)
def test_what_is_no_invoice_is_refused_with_a_reason_and_without_personal_data(name: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as error:
        total(SAMPLES / name)
    assert "example.cz" not in str(error.value)


def test_an_isdoc_document_of_another_kind_is_no_invoice(tmp_path: Path) -> None:
    text = (SAMPLES / "einvoices" / "test001.isdoc").read_text("utf-8")
    path = tmp_path / "common.isdoc"
    path.write_text(text.replace("<Invoice ", "<CommonDocument ").replace("</Invoice>", "</CommonDocument>"), "utf-8")

    with pytest.raises(InputError, match="CommonDocument: a document of another kind, no invoice"):
        total(path)


def test_an_electronic_invoice_whose_total_was_changed_by_a_cent_is_refused_with_the_numbers(tmp_path: Path) -> None:
    text = (SAMPLES / "einvoices" / "CII_example1.xml").read_text("utf-8")
    path = tmp_path / "changed.xml"
    path.write_text(text.replace("TaxBasisTotalAmount>229.6<", "TaxBasisTotalAmount>229.61<"), "utf-8")

    with pytest.raises(InputError, match=r"found '229\.60* in all'; allowed: 229\.610*, the net total"):
        total(path)


def test_deepseeks_export_loads_with_the_shipped_mapping() -> None:
    import tomllib

    shipped = Path(__file__).parents[2] / "etl" / "reference" / "invoice_mappings.toml"
    found = tomllib.loads(shipped.read_text("utf-8"))["invoices"]["mappings"]
    mappings = [ColumnMapping.model_validate(m) for m in found]

    assert total(SAMPLES / "deepseek_cost.csv", *mappings) == (1, Decimal("1.23"))
    assert total(SAMPLES / "gcp_console_cost_table.csv", *mappings) == (0, Decimal(0))
