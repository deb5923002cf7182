"""What the doctor says of a SQLite database and of the audit log."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from etl.identity import Pseudonyms
from etl.sections import Chat
from etl.sources.openwebui import openwebui_source
from tests.etl.sources.openwebui_databases import NEW, Rows, answer, make_sqlite, user

GROUPED: Mapping[str, Rows] = {
    "user": [user("jana")],
    "group": [{"id": "g", "name": "fac:MFF"}],
    "group_member": [{"id": "1", "group_id": "g", "user_id": "jana"}],
    "chat_message": [answer("c", "m", "jana")],
}


def findings(folder: Path, pseudonyms: Pseudonyms, audit: str | None = None) -> list[tuple[str, str, str]]:
    settings = Chat(sqlite_file=Path("webui.db"), audit_log=Path(audit) if audit else None)
    return [(f.level, f.subject, f.found) for f in openwebui_source(settings, pseudonyms, folder).examine()]


def test_a_healthy_database_has_only_good_findings(tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    make_sqlite(tmp_path / "webui.db", NEW, GROUPED)
    found = findings(tmp_path, pseudonyms)

    assert [level for level, _, _ in found] == ["ok", "ok"]
    assert "answer: 0.8.0 and later" in found[0][2]
    assert found[1][2] == "SQLite refuses us all 8 content and secret columns"


def test_no_groups_and_answers_without_usage_or_time_are_warnings(tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    answers = [answer("c", "1", "jana", usage=None), answer("c", "2", "jana"),
               answer("c", "3", "jana", error=True, usage=None),
               answer("c", "4", "jana", created_at=None, model_id="o4")]  # fmt: skip
    make_sqlite(tmp_path / "webui.db", NEW, {"user": [user("jana")], "chat_message": answers})

    assert findings(tmp_path, pseudonyms)[2:] == [
        ("warn", "openwebui groups", "nobody is in a group, so nobody's unit is known from groups"),
        ("warn", "openwebui answers", "1 without a time can't be counted"),
        ("warn", "openwebui model gpt-4o", "1 of 2 answers (50%) have no usage, so their tokens are unknown"),
    ]


def test_a_folder_we_may_write_with_another_users_file_is_a_warning(
    tmp_path: Path, pseudonyms: Pseudonyms, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sqlite(tmp_path / "webui.db", NEW, GROUPED)
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)

    assert [f[:2] for f in findings(tmp_path, pseudonyms)[2:]] == [("warn", "openwebui folder")]


@pytest.mark.parametrize("content", [None, "not a database, only a text of some length"])
def test_what_cannot_be_opened_is_one_failure(content: str | None, tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    if content is not None:
        (tmp_path / "webui.db").write_text(content)

    assert [(level, subject) for level, subject, _ in findings(tmp_path, pseudonyms)] == [
        ("fail", "openwebui database")
    ]


def test_a_missing_secret_is_a_finding(tmp_path: Path, pseudonyms: Pseudonyms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEBUI_URL", raising=False)
    source = openwebui_source(Chat(database_url_env="WEBUI_URL"), pseudonyms, tmp_path)

    assert [(f.level, "WEBUI_URL is not set" in f.found) for f in source.examine()] == [("fail", True)]


def test_the_audit_log_is_examined_too(tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    make_sqlite(tmp_path / "webui.db", NEW, GROUPED)
    missing = findings(tmp_path, pseudonyms, "audit.log")[-1]
    (tmp_path / "audit.log").write_text('{"extra": {}}\ngarbage\n')
    useless = findings(tmp_path, pseudonyms, "audit.log")[-2:]

    assert (missing[0], "no such file" in missing[2]) == ("fail", True)
    assert useless == [
        ("warn", "openwebui audit log", "audit.log: 1 malformed line(s) skipped: 2"),
        ("warn", "openwebui audit log", "no model usage in it"),
    ]
