import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from etl.errors import InputError
from etl.sections import Fx
from etl.sources.base import Window
from etl.sources.fx import Rates, fx_source
from etl.sources.fx_files import Rate, cnb_day, cnb_year, ecb_history, rates_in
from etl.sources.http import Http, Retries
from etl.tables import FX_RATE
from tests.conftest import SHARED_DATA

HEADER = "země|měna|množství|kód|kurz\n"
DAY = f"02.11.2026 #212\n{HEADER}EMU|euro|1|EUR|24,350\nUSA|dolar|1|USD|21,930\nMaďarsko|forint|100|HUF|6,1\n"
YEAR = "Datum|1 EUR|100 HUF|1 USD\n30.10.2026|24,300|6,100|21,800\n"
ECB = "Date,USD,JPY,CZK,GBP,\n2026-11-02,1.25,N/A,25.000,0.8,\n2026-11-01,N/A,1,25,0.8,\n"


def bank(name: str, day: str) -> Rate:
    return Rate(date(2026, 11, 2), name, "cnb", Decimal(day))


def test_a_rate_of_the_cnb_has_a_decimal_comma_and_is_per_unit() -> None:
    per_hundred = DAY.replace("1|USD|21,930", "100|USD|2193,0").replace("1|EUR|24,350", "1000|EUR|24350,0")

    assert cnb_day("x", DAY.encode()) == [bank("EUR", "24.35"), bank("USD", "21.93")]
    assert cnb_day("x", per_hundred.encode()) == cnb_day("x", DAY.encode())


def test_a_list_of_another_day_than_asked_for_is_not_taken() -> None:
    assert cnb_day("x", DAY.encode(), date(2026, 11, 3)) == []
    assert len(cnb_day("x", DAY.encode(), date(2026, 11, 2))) == 2


def test_the_years_list_takes_the_amount_from_its_header_even_when_it_changes_midway() -> None:
    content = YEAR + "Datum|100 EUR|1 USD\n02.11.2026|2435,0|21,930\n"

    assert cnb_year("rok.txt", content.encode()) == [
        Rate(date(2026, 10, 30), "EUR", "cnb", Decimal("24.3")),
        Rate(date(2026, 10, 30), "USD", "cnb", Decimal("21.8")),
        bank("EUR", "24.35"),
        bank("USD", "21.93"),
    ]


def test_the_ecbs_units_per_euro_become_crowns_per_unit() -> None:
    assert ecb_history("hist.csv", ECB.encode()) == [
        Rate(date(2026, 11, 2), "USD", "ecb", Decimal("20")),
        Rate(date(2026, 11, 2), "EUR", "ecb", Decimal("25")),
        Rate(date(2026, 11, 2), "GBP", "ecb", Decimal("31.25")),
        Rate(date(2026, 11, 1), "EUR", "ecb", Decimal("25")),
        Rate(date(2026, 11, 1), "GBP", "ecb", Decimal("31.25")),
    ]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (DAY.replace("21,930", "21.930"), "line 4, kurz: found '21.930'"),
        (DAY.replace("21,930", "0"), "line 4, kurz: found '0'; allowed: a rate above 0"),
        (DAY.replace("|1|USD", "|0|USD"), "line 4, množství"),
        (DAY.replace("USA|dolar|", "USA|"), r"line 4: found 'USA\|1\|USD"),
        ("32.11.2026 #1\n", "line 1: found '32.11.2026 #1'"),
        (YEAR + "02.11.2026|1\n", "line 3: found '2 fields'; allowed: 4 fields"),
        (ECB.replace("25.000", "x"), "line 2, CZK: found 'x'"),
        ("day,currency,czk_per_unit\n2026-11-02,JPY,1\n", "line 2, currency: found 'JPY'; allowed: USD, EUR, GBP"),
        ("a,b\n", "found 'a,b'; allowed: CNB denni_kurz.txt"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, content: str, where: str) -> None:
    (tmp_path / "rates.txt").write_text(content)

    with pytest.raises(InputError, match=f"rates.txt.*{where}"):
        rates_in(tmp_path / "rates.txt")


def source(folder: Path, kind: str, answer: Callable[[httpx.Request], httpx.Response]) -> Rates:
    def connect(name: str, url: str) -> Http:
        return Http(name, url, retries=Retries(attempts=1), transport=httpx.MockTransport(answer))

    return fx_source(Fx(source=kind), folder, connect)  # type: ignore[arg-type]


def offline(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no network")


def rows(rates: Rates, start: datetime | None = None, end: datetime | None = None) -> set[tuple[object, ...]]:
    return {tuple(r.values()) for b in rates.extract(FX_RATE, Window(start, end)) for r in b.to_pylist()}


def test_the_shipped_history_serves_without_a_network(tmp_path: Path) -> None:
    rates = source(tmp_path, "offline", offline)

    found = rows(rates, datetime(2026, 10, 30), datetime(2026, 11, 1))

    assert found == {
        (date(2026, 10, 30), "USD", "ecb", Decimal("21.79824561")),
        (date(2026, 10, 30), "EUR", "ecb", Decimal("24.35300000")),
        (date(2026, 10, 30), "GBP", "ecb", Decimal("29.20724394")),
    }
    assert rates.notes() == []
    assert rates.bounds() == Window(datetime(2025, 10, 1), datetime(2026, 10, 31))


def test_files_of_the_folder_are_added_to_the_history(tmp_path: Path) -> None:
    (tmp_path / "fx").mkdir()
    (tmp_path / "fx" / "denni_kurz.txt").write_text(DAY)
    (tmp_path / "fx" / "own.csv").write_text("# typed\nday,currency,czk_per_unit\n2026-11-03,USD,22\n")

    found = rows(source(tmp_path, "offline", offline), datetime(2026, 11, 1))

    assert found == {
        tuple(bank("EUR", "24.35")), tuple(bank("USD", "21.93")), (date(2026, 11, 3), "USD", "cnb", Decimal(22)),
    }  # fmt: skip


def cnb(asked: list[str], day: str = DAY) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rpartition("/")[2] + "?" + request.url.query.decode())
        if request.url.path.endswith("rok.txt"):
            return httpx.Response(200, text=YEAR if "2026" in asked[-1] else "Datum|1 EUR\n")
        return httpx.Response(200, text=day)

    return answer


def test_the_cnb_gives_whole_years_and_its_newest_day(tmp_path: Path) -> None:
    asked: list[str] = []
    rates = source(tmp_path, "cnb", cnb(asked))

    found = {row for row in rows(rates) if row[2] == "cnb"}

    years = [f"rok.txt?rok={year}" for year in range(2023, 2027)]  # older than the shipped history too
    assert asked == ["denni_kurz.txt?", *years]
    assert found == {
        (date(2026, 10, 30), "EUR", "cnb", Decimal("24.3")), (date(2026, 10, 30), "USD", "cnb", Decimal("21.8")),
        tuple(bank("EUR", "24.35")), tuple(bank("USD", "21.93")),
    }  # fmt: skip
    assert rates.notes() == []


def test_a_day_not_yet_published_has_no_rate_of_its_own(tmp_path: Path) -> None:
    asked: list[str] = []

    found = rows(source(tmp_path, "cnb", cnb(asked)), datetime(2026, 11, 3), datetime(2026, 11, 4))

    assert asked == ["denni_kurz.txt?date=03.11.2026", "rok.txt?rok=2026"]
    assert found == set()


def test_the_ecb_stands_in_when_the_cnb_fails_and_the_run_says_so(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("eurofxref-hist.csv", ECB)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=packed.getvalue()) if "ecb" in request.url.host else httpx.Response(404)

    rates = source(tmp_path, "cnb", answer)

    assert (date(2026, 11, 2), "USD", "ecb", Decimal(20)) in rows(rates)
    (note,) = rates.notes()
    assert note.startswith("cnb: GET denni_kurz.txt: 404")


@pytest.mark.parametrize("day", ["<html>maintenance</html>", DAY.replace("21,930", "-")])
def test_a_malformed_answer_falls_back_like_no_answer(tmp_path: Path, day: str) -> None:
    rates = source(tmp_path, "cnb", cnb([], day))

    assert {row[2] for row in rows(rates)} == {"ecb"}
    assert len(rates.notes()) == 2


def test_without_any_bank_the_shipped_history_remains_and_the_doctor_says_what_is_wrong(tmp_path: Path) -> None:
    rates = source(tmp_path, "cnb", offline)

    assert max(str(row[0]) for row in rows(rates)) == "2026-10-30"
    assert [(f.level, f.subject) for f in rates.examine()] == [
        ("ok", "exchange rates: files"), ("fail", "exchange rates: network"), ("fail", "exchange rates: network"),
    ]  # fmt: skip


def test_two_runs_give_the_same_rows_and_each_key_once(tmp_path: Path) -> None:
    rates = source(tmp_path, "cnb", cnb([]))

    (first,), (second,) = (list(rates.extract(FX_RATE, Window())) for _ in range(2))
    keys = [tuple(row[k] for k in FX_RATE.key) for row in first.to_pylist()]

    assert first == second
    assert first.schema == FX_RATE.schema
    assert len(set(keys)) == len(keys)


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"no sample data at {SHARED_DATA}")
def test_the_banks_sample_files_load() -> None:
    (ecb,) = (SHARED_DATA / "fx").glob("ecb*.csv")

    assert rates_in(SHARED_DATA / "fx" / "denni_kurz_example.txt") == [
        Rate(date(2022, 9, 21), "EUR", "cnb", Decimal("24.635"))
    ]
    assert sorted(rates_in(ecb)) == sorted(rates_in(Path(__file__).parents[3] / "etl/reference/fx_history.csv"))
