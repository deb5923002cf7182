"""Budgets, annotations, targets and prices: what the files say, and what is refused with file, line and value."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.errors import InputError
from etl.identity import Pseudonyms
from etl.settings import Settings
from etl.sources.base import Window
from etl.sources.directory import directory_source
from etl.tables import ANNOTATION, BUDGET, PRICE, TABLES, TARGET, Table

Rows = Callable[[Table, str], list[tuple[Any, ...]]]
HEADERS = {
    BUDGET: "unit,period_start,period_end,amount,currency,note\n",
    ANNOTATION: "day,name_cs,name_en,kind\n",
    TARGET: "unit,metric,day,value\n",
    PRICE: "model,valid_from,kind,input_usd,cached_usd,cache_write_usd,output_usd\n",
}


@pytest.fixture
def rows(tmp_path: Path, pseudonyms: Pseudonyms) -> Rows:
    """A function that writes lines below a table's header into its file and gives the rows read from it."""

    def read(table: Table, lines: str) -> list[tuple[Any, ...]]:
        folder = tmp_path / "reference"
        folder.mkdir(exist_ok=True)
        (folder / f"{table.name}s.csv").write_text(HEADERS[table] + lines, "utf-8")
        source = directory_source(Settings(), pseudonyms, tmp_path)
        return [tuple(row.values()) for batch in source.extract(table, Window()) for row in batch.to_pylist()]

    return read


def test_a_budget_is_of_a_unit_and_a_half_open_period(rows: Rows) -> None:
    assert rows(
        BUDGET, "mff,2026-01-01,2027-01-01,100000.50,czk,asked ann@cuni.cz\nMFF,2027-01-01,2027-02-01,0,CZK,\n"
    ) == [
        ("MFF", date(2026, 1, 1), date(2027, 1, 1), Decimal("100000.50"), "asked …@…"),
        ("MFF", date(2027, 1, 1), date(2027, 2, 1), Decimal(0), None),
    ]


def test_an_annotation_without_an_english_name_has_its_czech_one(rows: Rows) -> None:
    found = rows(ANNOTATION, "2026-10-06,Spuštění,Launch,launch\n2026-10-07,Školení,,Training\n")
    assert found == [
        (date(2026, 10, 6), "launch", "Spuštění", "Launch"),
        (date(2026, 10, 7), "training", "Školení", "Školení"),
    ]


def test_a_target_is_a_number_of_persons_or_a_share(rows: Rows) -> None:
    assert rows(TARGET, "UK,mau,2026-12-31,4000\nUK,adoption_rate,2026-12-31,0.25\n") == [
        ("UK", "mau", date(2026, 12, 31), Decimal(4000)),
        ("UK", "adoption_rate", date(2026, 12, 31), Decimal("0.25")),
    ]


def test_an_empty_price_is_unknown_and_an_empty_first_day_means_ever_since(rows: Rows) -> None:
    assert rows(PRICE, "llama-3.3-70b,,shadow,0.5,,,1.25\nllama-3.3-70b,2026-10-01,,0,0,0,0\n") == [
        ("llama-3.3-70b", date(1970, 1, 1), "shadow", Decimal("0.5"), None, None, Decimal("1.25")),
        ("llama-3.3-70b", date(2026, 10, 1), "list", Decimal(0), Decimal(0), Decimal(0), Decimal(0)),
    ]


@pytest.mark.parametrize("table", HEADERS, ids=lambda table: table.name)
def test_a_missing_or_empty_file_has_no_rows(rows: Rows, table: Table, tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    assert list(directory_source(Settings(), pseudonyms, tmp_path).extract(table, Window())) == []
    assert rows(table, "") == []
    assert table in TABLES


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        (BUDGET, "MFX,2026-01-01,2027-01-01,1,CZK,", r"line 2, unit: found 'MFX'; allowed: a unit of units.csv: .*MFF"),
        (BUDGET, "MFF,,2027-01-01,1,CZK,", "line 2, period_start: found ''; allowed: a value"),
        (BUDGET, "MFF,2026-01-01,1.1.2027,1,CZK,", "line 2, period_end: found '1.1.2027'; allowed: a day"),
        (
            BUDGET,
            "MFF,2026-01-01,2026-01-01,1,CZK,",
            "period_end: found '2026-01-01'; allowed: a later day than period_s",
        ),
        (BUDGET, "MFF,2026-01-01,2027-01-01,,CZK,", "line 2, amount: found ''; allowed: an amount"),
        (BUDGET, "MFF,2026-01-01,2027-01-01,-1,CZK,", "line 2, amount: found '-1'; allowed: an amount of 0 or more"),
        (BUDGET, "MFF,2026-01-01,2027-01-01,1,EUR,", "line 2, currency: found 'EUR'; allowed: CZK"),
        (
            BUDGET,
            "MFF,2026-01-01,2027-01-01,1,CZK,\nMFF,2026-12-31,2027-02-01,1,CZK,",
            "line 3, period_start: found '2026-12-31'; allowed: a period that does not overlap",
        ),
        (ANNOTATION, "2026-10-06,,Launch,launch", "annotations.csv line 2, name_cs: found ''"),
        (ANNOTATION, "2026-10-06,a,,party", "kind: found 'party'; allowed: training, launch, outage, other"),
        (ANNOTATION, "soon,a,,other", "annotations.csv line 2, day: found 'soon'; allowed: a day"),
        (TARGET, "UK,dau,2026-12-31,1", "targets.csv line 2, metric: found 'dau'; allowed: mau, adoption_rate"),
        (TARGET, "UK,mau,2026-12-31,1.5", "value: found '1.5'; allowed: a whole number of persons"),
        (TARGET, "UK,adoption_rate,2026-12-31,25", "value: found '25'; allowed: a share from 0 to 1"),
        (
            TARGET,
            "UK,mau,2026-12-31,1\nuk,mau,2026-12-31,2",
            "line 3, day: found '2026-12-31'; allowed: each unit, met",
        ),
        (PRICE, "gpt,,,-1,,,1", "prices.csv line 2, input_usd: found '-1'; allowed: USD per 1,000,000 tokens"),
        (PRICE, "gpt,,,1,,,0.0000001", "output_usd: found '0.0000001'; allowed: USD per 1,000,000 tokens"),
        (PRICE, "gpt,,free,1,,,1", "kind: found 'free'; allowed: list, internal, shadow"),
        (PRICE, ",,,1,,,1", "prices.csv line 2, model: found ''"),
        (PRICE, "gpt,,,1,,,1\ngpt,,list,2,,,2", "line 3, valid_from: found ''; allowed: each model and first day once"),
    ],
)
def test_a_wrong_value_names_file_line_value_and_what_is_allowed(
    rows: Rows, table: Table, line: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        rows(table, line + "\n")
