"""The sample reports on seats as vendors make them: each is recognised and read, the rest says why not."""

from pathlib import Path

import pytest

from etl.errors import InputError
from etl.identity import Pseudonyms
from etl.sources.seats.folder import SeatFolder
from tests.conftest import SHARED_DATA

SAMPLES = SHARED_DATA / "invoices"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample reports at {SAMPLES}")


@pytest.mark.parametrize(
    ("name", "kind", "product", "identified", "last_day"),
    [
        ("chatgpt_user_report_weekly.csv", "roster", "chatgpt-edu", [True], "2026-10-09"),
        ("chatgpt_daily_usage.json", "activity", "chatgpt-edu", [False], "2026-11-01"),
        ("m365_copilot_usage_user_detail.csv", "roster", "m365-copilot-academic", [True], "2026-11-20"),
        ("m365_copilot_usage_user_detail.json", "roster", "m365-copilot-academic", [False], "2026-11-20"),
    ],
)
def test_a_vendors_report_is_recognised_and_read(
    pseudonyms: Pseudonyms, name: str, kind: str, product: str, identified: list[bool], last_day: str
) -> None:
    report = SeatFolder(SAMPLES, (), pseudonyms).read(SAMPLES / name)
    assert (report.kind, [s.product for s in report.seats]) == (kind, [product])
    assert [s.is_identified for s in report.seats] == identified
    assert [str(s.last_active_day) for s in report.seats] == [last_day]


def test_the_person_of_two_vendors_reports_is_one(pseudonyms: Pseudonyms) -> None:
    names = ("chatgpt_user_report_weekly.csv", "m365_copilot_usage_user_detail.csv")
    folder = SeatFolder(SAMPLES, (), pseudonyms)
    assert len({s.holder_key for name in names for s in folder.read(SAMPLES / name).seats}) == 1


def test_claudes_summaries_are_counts_of_a_day(pseudonyms: Pseudonyms) -> None:
    report = SeatFolder(SAMPLES, (), pseudonyms).read(SAMPLES / "anthropic_analytics_summaries.json")
    [count] = report.counts
    assert (str(count.day), count.assigned, count.active_1d, count.active_7d, count.active_28d) == (
        "2026-11-01", 120, 31, 66, 88,
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(p.name for p in SAMPLES.glob("*.*") if "cost" in p.name))
def test_reports_on_cost_are_none_on_seats(pseudonyms: Pseudonyms, name: str) -> None:
    with pytest.raises(InputError, match=f"{Path(name).stem}.*allowed: ChatGPT user report"):
        SeatFolder(SAMPLES, (), pseudonyms).read(SAMPLES / name)
