"""Exchange rates to the crown: Czech National Bank, else European Central Bank, else the history we ship."""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa

from etl.errors import SourceError
from etl.sections import Fx
from etl.sources.base import Finding, Window
from etl.sources.fx_files import SOURCE, Rate, cnb_day, cnb_year, ecb_history, rates_in
from etl.sources.http import Http, Retries
from etl.tables import FX_RATE, Table

SHIPPED = Path(__file__).parents[1] / "reference" / "fx_history.csv"
_CNB = "https://www.cnb.cz/cs/financni-trhy/devizovy-trh/kurzy-devizoveho-trhu/kurzy-devizoveho-trhu"
_ECB = "https://www.ecb.europa.eu/stats/eurofxref"
_SATURDAY = 6
_EARLIEST = date(2023, 1, 1)  # no gateway has older requests; the banks have these years, the shipped history has not


def _bank(source: str, address: str) -> Http:
    """A bank's site, given up soon: the rates at hand are good enough until the next run."""
    return Http(source, address, timeout_s=20.0, retries=Retries(attempts=3))


class Rates:
    """CZK per unit of USD, EUR and GBP by day of publication; weekends and holidays have no row of their own."""

    name = SOURCE
    tables: tuple[Table, ...] = (FX_RATE,)

    def __init__(self, settings: Fx, folder: Path, connect: Callable[[str, str], Http] = _bank) -> None:
        self._settings, self._folder = settings, folder
        self._cnb, self._ecb = connect("cnb", _CNB), connect("ecb", _ECB)
        self._failures: list[str] = []

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        """One row per day, currency and origin. A bank that can't be read is told by `notes`, and the next one asked.

        Raises InputError for a wrong file in the folder.
        """
        assert table is FX_RATE, table.name
        self._failures = []
        local = self._local()
        first = window.start.date() if window.start else min(_EARLIEST, *(r.day for r in local))
        found = {(r.day, r.currency, r.origin): r for r in (*local, *self._online(first, window.end))}
        kept = sorted(r for r in found.values() if _within(r.day, window))
        if kept:
            yield pa.RecordBatch.from_pylist([r._asdict() for r in kept], FX_RATE.schema)

    def bounds(self) -> Window | None:
        """First and last day of the rates at hand without a network."""
        days = [r.day for r in self._local()]
        return Window(datetime.combine(min(days), time()), datetime.combine(max(days) + timedelta(days=1), time()))

    def notes(self) -> list[str]:
        """Which bank could not be read at the last extract, and what was used instead."""
        return list(self._failures)

    def examine(self) -> Iterator[Finding]:
        """Whether the shipped history and the folder's files can be read, and whether the banks answer."""
        try:
            days = [r.day for r in self._local()]
        except SourceError as error:
            yield Finding("fail", "exchange rates: files", str(error), f"mend or remove the file in {self._folder}")
            return
        yield Finding("ok", "exchange rates: files", f"{len(set(days))} days, {min(days)} to {max(days)}")
        if self._settings.source == "offline":
            remedy = "put newer rates into the folder, or set fx.source to 'cnb'"
            yield Finding("warn", "exchange rates: offline", f"no rates after {max(days)}", remedy)
            return
        self._failures = []
        found = list(self._online(max(days), None))
        for failure in self._failures:
            yield Finding("warn" if found else "fail", "exchange rates: network", failure, "allow HTTPS to this bank")
        if found:
            yield Finding("ok", f"exchange rates: {found[-1].origin}", f"newest: {max(r.day for r in found)}")

    def close(self) -> None:
        """Gives the connections back."""
        self._cnb.close()
        self._ecb.close()

    def _local(self) -> list[Rate]:
        """The shipped history, and what the folder's files say (they stand before it)."""
        files = sorted(p for p in self._folder.rglob("*") if p.is_file() and not p.name.startswith((".", "README")))
        return [rate for file in (SHIPPED, *files) for rate in rates_in(file)]

    def _online(self, first: date, end: datetime | None) -> Iterable[Rate]:
        asked = {"cnb": (self._from_cnb, self._from_ecb), "ecb": (self._from_ecb,), "offline": ()}
        for bank in asked[self._settings.source]:
            try:
                return bank(first, end)
            except SourceError as error:
                self._failures.append(f"{error}; the rates at hand are used")
        return ()

    def _from_cnb(self, first: date, end: datetime | None) -> list[Rate]:
        """Whole years, and the newest day where the year's file does not have it yet."""
        expected = _last_day(end) if end else None
        newest = self._cnb_day(expected)
        last = expected or max((r.day for r in newest), default=first)
        years = [self._cnb.content("rok.txt", {"rok": year}) for year in range(first.year, last.year + 1)]
        return [*(r for raw in years for r in cnb_year("rok.txt", raw)), *newest]

    def _cnb_day(self, expected: date | None) -> list[Rate]:
        """The rates of a day, none if it is not (yet) published: the bank then answers with an earlier day's."""
        if expected is None:
            return cnb_day("denni_kurz.txt", self._cnb.content("denni_kurz.txt"))
        if expected.isoweekday() >= _SATURDAY:
            return []
        raw = self._cnb.content("denni_kurz.txt", {"date": f"{expected:%d.%m.%Y}"})
        return cnb_day("denni_kurz.txt", raw, expected)

    def _from_ecb(self, first: date, end: datetime | None) -> list[Rate]:
        raw = self._ecb.content("eurofxref-hist.zip")
        last = _last_day(end) if end else date.max
        return [r for r in ecb_history("eurofxref-hist.zip", _unzipped(raw)) if first <= r.day <= last]


def fx_source(settings: Fx, base: Path, connect: Callable[[str, str], Http] = _bank) -> Rates:
    """The configured rates; `fx.folder` is relative to `base`."""
    return Rates(settings, settings.folder if settings.folder.is_absolute() else base / settings.folder, connect)


def _unzipped(raw: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return archive.read(archive.namelist()[0])
    except (zipfile.BadZipFile, IndexError) as error:
        raise SourceError(SOURCE, "eurofxref-hist.zip", f"no whole zip file: {error}") from None


def _last_day(end: datetime) -> date:
    return (end - timedelta(microseconds=1)).date()


def _within(day: date, window: Window) -> bool:
    return (window.start is None or day >= window.start.date()) and (window.end is None or day <= _last_day(window.end))
