"""Orders: what somebody on a page asks the ETL to do, one small JSON file each; the dashboard writes nothing else.

The folder `inbox` lies beside the snapshots. An order is a file that appears whole or not at all (written aside,
flushed, renamed) and is readable by its owner alone. What became of it stands for a while in `inbox/done`, so that a
page can tell before the next snapshot is published. Both sides use this module: neither knows the other.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from queries.errors import OrderError

KINDS = ("run", "annotation", "close_month", "reopen_month", "invoice")
FOLDER, DONE = "inbox", "done"
MAX_BYTES = 32 * 1024
MAX_PENDING = 100
MAX_KEPT = 200
_ID = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{12}")


@dataclass(frozen=True)
class Order:
    """One thing asked for. `at` is UTC without a zone; `values` are texts, checked by whoever carries it out."""

    id: str
    kind: str
    by: str
    at: datetime
    values: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What became of an order: DONE or FAILED, and one sentence for people."""

    status: str
    message: str


def put(folder: Path, kind: str, by: str, values: Mapping[str, str], now: datetime) -> str:
    """Leaves an order in `folder`/inbox and gives its id. Raises OrderError when it can't be taken."""
    order = Order(f"{now:%Y%m%dT%H%M%S%fZ}-{token_hex(6)}", kind, by, now, dict(values))
    if kind not in KINDS:
        raise OrderError(f"unknown order '{kind}'; known: {', '.join(KINDS)}")
    text = _written(order)
    if len(text) > MAX_BYTES:
        raise OrderError(f"the order has {len(text)} bytes; at most {MAX_BYTES} are taken")
    inbox = folder / FOLDER
    try:
        inbox.mkdir(mode=0o700, exist_ok=True)
        if len(_files(inbox)) >= MAX_PENDING:
            raise OrderError(f"{MAX_PENDING} orders are waiting already; is 'python -m etl serve' running?")
        _write(inbox / f"{order.id}.json", text)
    except OSError as error:
        raise OrderError(f"{inbox} can't be written: {error}") from error
    return order.id


def pending(folder: Path) -> list[Order]:
    """Orders that wait, oldest first. A file that is no order is moved to inbox/done, said to have failed."""
    found = []
    for file in _files(folder / FOLDER):
        try:
            found.append(_read(file))
        except (OrderError, ValueError, KeyError, TypeError, AttributeError):
            _keep(folder, file.stem, Outcome("FAILED", "the file is no order"))
            file.unlink(missing_ok=True)
        except FileNotFoundError:  # somebody else has finished it meanwhile
            continue
    return found


def finish(folder: Path, order: Order, outcome: Outcome) -> None:
    """Takes the order out of the inbox and keeps its outcome."""
    _keep(folder, order.id, outcome)
    (folder / FOLDER / f"{order.id}.json").unlink(missing_ok=True)


def outcome_of(folder: Path, order_id: str) -> Outcome | None:
    """What became of the order; None while it waits, or when nobody knows it (any more)."""
    if not _ID.fullmatch(order_id):
        return None
    try:
        said = json.loads((folder / FOLDER / DONE / f"{order_id}.json").read_text("utf-8"))
        return Outcome(str(said["status"]), str(said["message"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_waiting(folder: Path, order_id: str) -> bool:
    """Whether the order is still in the inbox."""
    return bool(_ID.fullmatch(order_id)) and (folder / FOLDER / f"{order_id}.json").exists()


def _files(inbox: Path) -> list[Path]:
    return sorted(inbox.glob("*.json")) if inbox.is_dir() else []


def _written(order: Order) -> bytes:
    said = {"kind": order.kind, "by": order.by, "at": order.at.isoformat(), "values": order.values}
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def _read(file: Path) -> Order:
    if not _ID.fullmatch(file.stem) or file.stat().st_size > MAX_BYTES or file.is_symlink():
        raise OrderError(f"{file.name} is no order")
    said = json.loads(file.read_text("utf-8"))
    values = {str(key): str(value) for key, value in said["values"].items()}
    if said["kind"] not in KINDS:
        raise OrderError(f"{file.name}: unknown order")
    return Order(file.stem, said["kind"], str(said["by"]), datetime.fromisoformat(said["at"]), values)


def _keep(folder: Path, order_id: str, outcome: Outcome) -> None:
    done = folder / FOLDER / DONE
    done.mkdir(mode=0o700, exist_ok=True)
    said = {"status": outcome.status, "message": outcome.message}
    _write(done / f"{order_id}.json", json.dumps(said, ensure_ascii=False).encode())
    for old in _files(done)[:-MAX_KEPT]:
        old.unlink(missing_ok=True)


def _write(file: Path, content: bytes) -> None:
    """The file at once and durable: a reader sees all of it or none."""
    aside = file.with_name(f".{file.name}.{token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
