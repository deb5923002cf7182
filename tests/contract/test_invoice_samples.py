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


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("anthropic_analytics_cost_beta.json", "Anthropic analytics"),
        ("anthropic_analytics_summaries.json", "Anthropic analytics"),
        ("anthropic_usage_report_messages.json", "tokens, no money"),
        ("chatgpt_daily_usage.json", "seats and persons"),
        ("chatgpt_user_report_weekly.csv", "seats and persons"),
        ("deepseek_amount.csv", "tokens, no money"),
        ("deepseek_cost.csv", "needs a column mapping"),
        ("gcp_console_cost_table.csv", "needs a column mapping"),
        ("m365_copilot_usage_user_detail.csv", "Microsoft 365 Copilot"),
        ("m365_copilot_usage_user_detail.json", "Microsoft 365 Copilot"),
        ("openai_dashboard_completions_usage_export.csv", "tokens, no money"),
        ("openai_usage_completions.json", "tokens, no money"),
        ("openrouter_activity.json", "not taken yet"),
        ("einvoices/sample.isdoc", "not taken yet"),
        ("einvoices/test001.isdoc", "not taken yet"),
        ("einvoices/ubl-tc434-example1.xml", "not taken yet"),
        ("einvoices/guide-example1.xml", "not taken yet"),
        ("einvoices/CII_example1.xml", "not taken yet"),
        ("einvoices/EN16931_Einfach.pdf", "a PDF"),
    ],
)
def test_what_is_not_covered_is_refused_with_a_reason_and_without_personal_data(name: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as error:
        total(SAMPLES / name)
    assert "example.cz" not in str(error.value)


def test_deepseeks_export_loads_with_the_shipped_mapping() -> None:
    import tomllib

    shipped = Path(__file__).parents[2] / "etl" / "reference" / "invoice_mappings.toml"
    found = tomllib.loads(shipped.read_text("utf-8"))["invoices"]["mappings"]
    mappings = [ColumnMapping.model_validate(m) for m in found]

    assert total(SAMPLES / "deepseek_cost.csv", *mappings) == (1, Decimal("1.23"))
    assert total(SAMPLES / "gcp_console_cost_table.csv", *mappings) == (0, Decimal(0))
