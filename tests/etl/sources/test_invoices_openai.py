from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from etl.errors import InputError
from tests.etl.sources.invoice_files import DAY, NOVEMBER_1, as_json, openai_page, openai_result, rows_of

HEADER = (
    "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id,"
    "organization_id,organization_name\n"
)


def csv_row(
    start: int = NOVEMBER_1, iso: str = "2026-11-01T00:00:00+00:00", amount: str = "1.50", rest: str = "usd,,,o,O"
) -> str:
    return f"{start},{start + DAY},{iso},,{amount},{rest}\n"


def test_an_amount_is_taken_exactly_as_printed_in_dollars(tmp_path: Path) -> None:
    text = as_json(openai_page([openai_result(0.06)])).replace("0.06", "0.060000000001")

    (row,) = rows_of(tmp_path, "costs.json", text)

    assert (row["billed_cost"], row["billing_currency"]) == (Decimal("0.060000000001"), "USD")


def test_a_day_of_costs_is_a_utc_day(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "costs.json", as_json(openai_page([openai_result()])))

    assert (row["charge_period_start"], row["charge_period_end"]) == (datetime(2026, 11, 1), datetime(2026, 11, 2))


@pytest.mark.parametrize(
    ("item", "model"),
    [
        ("gpt-4o-2024-08-06, cached input", "gpt-4o-2024-08-06"),
        ("text-embedding-3-small", "text-embedding-3-small"),
        ("web search tool calls", None),
        (None, None),
    ],
)
def test_the_model_is_read_from_the_line_item(tmp_path: Path, item: str | None, model: str | None) -> None:
    (row,) = rows_of(tmp_path, "costs.json", as_json(openai_page([openai_result(item=item)])))

    assert (row["model"], row["charge_description"], row["sub_account_id"]) == (model, item, "proj_a")


def test_days_without_results_give_no_lines(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "costs.json", as_json(openai_page([], []))) == []


@pytest.mark.parametrize("as_lines", [False, True])
def test_saved_pages_load_together_and_a_missing_last_one_is_refused(tmp_path: Path, as_lines: bool) -> None:
    first = openai_page([openai_result(1)], more="page_2")
    second = openai_page([openai_result(2)], start=NOVEMBER_1 + DAY)
    both = "\n".join(map(as_json, (first, second))) if as_lines else as_json([first, second])

    assert [row["billed_cost"] for row in rows_of(tmp_path, "both.json", both)] == [1, 2]
    with pytest.raises(InputError, match=r"first.json page 1 of 1, has_more: found 'True'; allowed: false"):
        rows_of(tmp_path, "first.json", as_json(first))
    with pytest.raises(InputError, match=r"page 1 of 2, has_more: found 'False'"):
        rows_of(tmp_path, "twice.json", as_json([second, second]))


@pytest.mark.parametrize(
    ("start", "allowed"),
    [
        (NOVEMBER_1 * 1000, "not milliseconds"),
        (NOVEMBER_1 + 3600, "midnight UTC"),  # a day of Prague, not of UTC
    ],
)
def test_a_bucket_that_is_no_utc_day_is_refused(tmp_path: Path, start: int, allowed: str) -> None:
    with pytest.raises(InputError, match=rf"data\[0\], start_time: found '{start}'; allowed: .*{allowed}"):
        rows_of(tmp_path, "costs.json", as_json(openai_page([openai_result()], start=start)))


@pytest.mark.parametrize("value", [None, "twelve", True, {"value": 1}])
def test_an_amount_that_is_no_number_is_refused_with_its_place(tmp_path: Path, value: object) -> None:
    page = as_json(openai_page([openai_result(1)], [openai_result(value)]))

    with pytest.raises(InputError, match=r"data\[1\].results\[0\], amount.value"):
        rows_of(tmp_path, "costs.json", page)


def test_the_dashboard_export_loads_and_skips_days_without_cost(tmp_path: Path) -> None:
    blank = f"{NOVEMBER_1 + DAY},{NOVEMBER_1 + 2 * DAY},2026-11-02T00:00:00+00:00,2026-11-03T00:00:00+00:00,,,,,,\n"

    rows = rows_of(tmp_path, "export.csv", HEADER + csv_row(amount="0.8958740000000000") + blank)

    assert [(r["billed_cost"], r["charge_period_start"]) for r in rows] == [
        (Decimal("0.895874"), datetime(2026, 11, 1))
    ]


def test_the_export_may_have_a_byte_order_mark_crlf_and_columns_we_do_not_know(tmp_path: Path) -> None:
    text = (HEADER.strip() + ",new\n" + csv_row().strip() + ",x\n").replace("\n", "\r\n")

    rows = rows_of(tmp_path, "export.csv", b"\xef\xbb\xbf" + text.encode())

    assert [r["billed_cost"] for r in rows] == [Decimal("1.5")]


@pytest.mark.parametrize(
    ("line", "where"),
    [
        (csv_row(amount=""), "line 3, amount_value"),
        (csv_row(rest=",,,o,O"), "line 3, amount_currency"),
        (csv_row(amount="1,50"), "line 3: found '11 fields'"),
        (csv_row(amount='"1,500"'), "line 3, amount_value: found '1,500'"),
        (csv_row(iso="2026-11-01T00:00:00+01:00"), "line 3, start_time_iso"),
        (csv_row(amount="nan"), "line 3, amount_value"),
    ],
)
def test_a_wrong_row_of_the_export_is_refused_with_line_and_column(tmp_path: Path, line: str, where: str) -> None:
    with pytest.raises(InputError, match=where):
        rows_of(tmp_path, "export.csv", HEADER + csv_row() + line)


def test_lines_of_one_key_stay_apart_and_the_same_file_gives_the_same_rows(tmp_path: Path) -> None:
    text = as_json(openai_page([openai_result(1), openai_result(2)]))

    first, second = rows_of(tmp_path, "costs.json", text), rows_of(tmp_path, "costs.json", text)

    assert first == second
    assert first[1]["line_id"] == first[0]["line_id"] + "~2"
