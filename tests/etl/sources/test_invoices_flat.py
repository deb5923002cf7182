from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from etl.errors import InputError
from tests.etl.sources.invoice_files import rows_of

HEADER = "provider,description,model,unit,amount,per,currency,period_start,period_end,is_amortised\n"


def test_a_flat_cost_is_one_line_for_its_whole_period_spread_by_day(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "costs.csv", HEADER + "e-infra,GPU lease,llama-*,mff,90000.50,,CZK,2026-10,2027-01,\n")

    assert (row["billed_cost"], row["billing_currency"], row["is_amortised"]) == (Decimal("90000.5"), "CZK", True)
    assert (row["charge_period_start"], row["charge_period_end"]) == (datetime(2026, 10, 1), datetime(2027, 1, 1))
    assert (row["provider"], row["model"], row["unit"], row["charge_category"]) == (
        "e-infra", "llama-*", "MFF", "Purchase",
    )  # fmt: skip


def test_an_amount_per_month_gives_a_line_for_each_month(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "costs.csv", HEADER + "e-infra,GPU lease,,,100,month,CZK,2026-11,2027-02,\n")

    assert [(r["charge_period_start"], r["charge_period_end"], r["billed_cost"]) for r in rows] == [
        (datetime(2026, 11, 1), datetime(2026, 12, 1), 100),
        (datetime(2026, 12, 1), datetime(2027, 1, 1), 100),
        (datetime(2027, 1, 1), datetime(2027, 2, 1), 100),
    ]
    assert len({r["line_id"] for r in rows}) == 3


def test_the_columns_that_are_optional_may_be_left_out(tmp_path: Path) -> None:
    content = (
        "provider,description,amount,currency,period_start,period_end\nopenai,Credit,50,USD,2026-11-05,2026-12-05\n"
    )

    (row,) = rows_of(tmp_path, "prepaid.csv", content)

    assert (row["charge_period_start"], row["model"], row["unit"]) == (datetime(2026, 11, 5), None, None)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("e-infra,x,,,100,,CZK,2026-11,2026-11,", "period_end: found '2026-11'; allowed: a later month"),
        ("e-infra,x,,,100,week,CZK,2026-11,2026-12,", "per: found 'week'; allowed: period, month"),
        ("e-infra,x,,,100,month,CZK,2026-11-05,2026-12,", "period_start: .*a month, e.g. 2026-11"),
        ("e-infra,x,,,,,CZK,2026-11,2026-12,", "amount: found ''"),
        ("e-infra,x,,,1,,CZK,11/2026,2026-12,", "period_start: found '11/2026'"),
        ("e-infra,x,,,1,,CZK,2026-11,2026-12,maybe", "is_amortised: found 'maybe'; allowed: true or false"),
        (",x,,,1,,CZK,2026-11,2026-12,", "provider: found ''"),
    ],
)
def test_a_wrong_value_is_refused_with_line_and_column(tmp_path: Path, line: str, where: str) -> None:
    with pytest.raises(InputError, match=f"costs.csv line 2, {where}"):
        rows_of(tmp_path, "costs.csv", HEADER + line + "\n")
