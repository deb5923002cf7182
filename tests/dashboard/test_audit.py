"""The audit: written beside the requests, by day, for the service's user alone, and forgotten in time."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from dashboard import audit
from dashboard.__main__ import main
from dashboard.audit import Audit, lines, prune
from dashboard.options import Secrets
from dashboard.viewer import mark_of

NOON = datetime(2026, 11, 23, 12, 0)
WHOLE = {"since": date.min, "until": date.max}


def test_a_line_says_who_what_and_when(tmp_path: Path) -> None:
    written = Audit(tmp_path, days=10, clock=lambda: NOON)
    written.note("faculty-0a", "faculty", "export", "faculties.csv", units=["MFF"], period="28d", unit="")
    written.wait()
    assert list(lines(tmp_path, **WHOLE)) == [
        {"at": "2026-11-23T12:00:00", "by": "faculty-0a", "role": "faculty", "what": "export", "of": "faculties.csv",
         "units": ["MFF"], "period": "28d"}
    ]  # fmt: skip
    assert (tmp_path / "2026-11-23.jsonl").stat().st_mode & 0o777 == 0o600


def test_days_that_are_too_old_go_when_a_new_day_is_written(tmp_path: Path) -> None:
    for day in ("2026-11-12", "2026-11-13", "2026-11-22", "notes"):
        (tmp_path / f"{day}.jsonl").write_text("", "utf-8")
    written = Audit(tmp_path, days=10, clock=lambda: NOON)
    written.note("a", "b", "page", "/")
    written.wait()
    assert sorted(f.stem for f in tmp_path.iterdir()) == ["2026-11-13", "2026-11-22", "2026-11-23", "notes"]
    assert prune(tmp_path, date(2027, 1, 1)) == 3


def test_a_full_disk_or_queue_holds_up_nobody_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder", "utf-8")
    written = Audit(blocked, days=10, clock=lambda: NOON)
    written.note("a", "b", "page", "/1")
    written.note("a", "b", "page", "/2")
    written.wait()
    blocked.unlink()
    written.note("a", "b", "page", "/3")
    written.wait()
    (line,) = lines(blocked, **WHOLE)
    assert (line["of"], line["lost_before"]) == ("/3", 2)


def test_the_command_shows_lines_of_one_user_and_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                                     monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("DASHBOARD_SECRET", "d" * 32)
    monkeypatch.setenv("PROXY_SECRET", "p" * 32)
    (tmp_path / "config.toml").write_text('[dashboard]\nauth = "proxy"\n', "utf-8")
    folder = tmp_path / "var" / "dashboard" / "audit"
    mark = mark_of(Secrets(own=b"d" * 32), "Dean@mff.cuni.cz")
    written = Audit(folder, days=10, clock=lambda: NOON)
    written.note(f"faculty-{mark}", "faculty", "page", "/costs")
    written.note(f"faculty-{mark}", "faculty", "export", "faculties.csv")
    written.note("rse-ffffffffffff", "rse", "page", "/")
    written.wait()
    asked = ["--config", str(tmp_path / "config.toml"), "audit", "--since", "2026-11-23", "--until", "2026-11-24"]
    assert main([*asked, "--user", "dean@mff.cuni.cz", "--what", "page"]) == 0
    assert [json.loads(line)["of"] for line in capsys.readouterr().out.splitlines()] == ["/costs"]
    assert main(asked) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_lines_that_were_cut_short_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "2026-11-23.jsonl").write_text('{"by": "a", "what": "page"}\n{"by": "a", "wh', "utf-8")
    wrong: list[str] = []
    assert len(list(audit.lines(tmp_path, **WHOLE, unreadable=wrong.append))) == 1
    assert wrong == [f"{tmp_path / '2026-11-23.jsonl'} line 2"]


@pytest.mark.parametrize("odd", ["\u2028", "\u0085", "\u2028{}\u2028", "\u20281\u2028", "\ud800", "\n[]\n", "\x1b[2J"])
def test_nothing_that_is_asked_for_hides_a_line_or_stops_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], odd: str
) -> None:
    written = Audit(tmp_path / "dashboard" / "audit", days=10, clock=lambda: NOON)
    written.note("faculty-0a", "faculty", "export", f"faculties.csv{odd}", month=odd)
    written.note("faculty-0a", "faculty", "export", "models.csv")
    written.wait()
    assert main(["--folder", str(tmp_path), "audit", "--since", "2026-11-23", "--until", "2026-11-24"]) == 0
    said = capsys.readouterr()
    shown = [json.loads(line) for line in said.out.split("\n") if line]
    assert [(line["of"], line.get("month")) for line in shown] == [(f"faculties.csv{odd}", odd), ("models.csv", None)]
    assert said.out.isascii()
    assert said.err == ""


@pytest.mark.parametrize(
    "broken", [b"[]", b"1", b'"by"', b'{"by": "a"}', b'{"by": 1, "what": "page"}', b'{"by": "\xc3', b"[" * 100_000]
)
def test_what_is_no_line_is_passed_over_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], broken: bytes
) -> None:
    folder = tmp_path / "dashboard" / "audit"
    folder.mkdir(parents=True)
    written_raw = '{"by": "a", "what": "page", "of": "\u2028"}\n'.encode()  # as lines were written before
    (folder / "2026-11-23.jsonl").write_bytes(written_raw + broken + b"\n" + written_raw)
    assert main(["--folder", str(tmp_path), "audit", "--since", "2026-11-23", "--until", "2026-11-24"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    assert said.err == f"{folder / '2026-11-23.jsonl'} line 2 can't be read\n"
