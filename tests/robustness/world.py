"""Sources that grow by rounds, the same rows in every process: a round has all rows of the ones before and more."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from etl.identity import Pseudonyms
from etl.load import Clock
from etl.run import Runner
from etl.sections import Storage
from etl.settings import Settings
from tests.etl.builders import MemorySource, Row, chat, directory, gateway, home, rates, request, turn

FIRST = datetime(2026, 6, 1)
STEP = timedelta(minutes=40)
HISTORY, PER_ROUND = 2000, 30  # rows of a first load of two pieces, rows of each round after it
PERSONS = 40
SECRET = "robustness-robustness-robustness"


def rows_of(round_no: int) -> int:
    """How many rows there are in a round."""
    return HISTORY + PER_ROUND * round_no


def now(round_no: int) -> datetime:
    """The moment of a round: just after its last row."""
    return FIRST + STEP * rows_of(round_no)


def requests(round_no: int) -> list[Row]:
    """Every seventeenth row is written a round late, every nineteenth changes its cost a round after it was written."""
    return [_request(k, round_no) for k in range(rows_of(round_no)) if k % 17 or k < rows_of(round_no - 1)]


def _request(number: int, round_no: int) -> Row:
    started = FIRST + STEP * number
    is_revised = number % 19 == 0 and number < rows_of(round_no - 1)
    is_late = number % 17 == 0
    return request(
        f"r{number}",
        started.isoformat(),
        user_key=f"p{number % PERSONS}",
        metered_usd=Decimal(number % 100 + 1) / 1000 * (2 if is_revised else 1),
        updated_at=started + STEP * PER_ROUND if is_revised or is_late else started + timedelta(seconds=5),
    )


def turns(round_no: int) -> list[Row]:
    """A chat turn that no gateway saw at every fifth row."""
    numbers = range(0, rows_of(round_no), 5)
    return [turn(f"m{k}", (FIRST + STEP * k).isoformat(), account_key=f"p{k % PERSONS}") for k in numbers]


def sources(round_no: int) -> list[tuple[str, MemorySource]]:
    """(kind, source) as they are in a round."""
    homes = [home(f"p{n}", ("MFF", "FF")[n % 2]) for n in range(PERSONS - 3)]
    return [
        ("fx", rates()),
        ("directory", directory(*homes)),
        ("gateway", gateway(*requests(round_no))),
        ("chat", chat(*turns(round_no))),
    ]


def runner(folder: Path, round_no: int) -> Runner:
    """A runner over the sources of a round, at its moment."""
    settings = Settings(storage=Storage(folder=folder, memory_limit="500MB", threads=1), base=folder)
    known = [source.job(kind) for kind, source in sources(round_no)]
    return Runner(settings, Clock(now(round_no)), Pseudonyms(SECRET), known, lock_wait_s=10)
