"""What was planted in real source systems (prompts, answers, addresses, names, IPs, keys) comes out nowhere."""

import logging
import re
import traceback
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard.app import create_app
from dashboard.options import Options
from dashboard.pages import PAGES
from etl.demo.world import MARKER
from etl.errors import PersonError
from etl.person import exported, find
from etl.run import Runner
from etl.settings import load
from queries.catalogue import catalogue
from queries.output import FORMATS, written
from queries.reader import Reader, Scope
from queries.warehouse import BUILD, Warehouse
from tests.truth.asked import Asked
from tests.truth.conftest import Loaded
from tests.truth.uses import SPECIAL

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def planted(loaded: Loaded) -> set[str]:
    """Everything that stands in the sources and may stand nowhere else, in lower case."""
    found = {MARKER, "192.0.2.7"}
    for person in loaded.world.persons:
        found |= {
            person.name,
            person.email,
            person.email_at_gateway,
            person.chat_account,
            person.gateway_account or MARKER,
        }
    found |= {key.token for key in loaded.world.keys.values()}
    return {text.lower() for text in found if text}


def told(texts: Any, secrets: set[str]) -> list[str]:
    """The secrets that stand in the text."""
    low = texts.lower()
    return sorted(secret for secret in secrets if secret in low)


def text_columns(file: Path) -> list[tuple[str, str]]:
    """(schema.table.column, all its distinct values) of a database file: compressed in it, so asked for by SQL."""
    with closing(duckdb.connect(str(file), read_only=True)) as connection:
        columns = connection.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() "
            "where data_type like 'VARCHAR%' and not internal"
        ).fetchall()
        return [
            (f"{t}.{c}", "\n".join(str(v) for (v,) in connection.execute(f'select distinct "{c}" from {t}').fetchall()))
            for t, c in columns
        ]


def test_no_text_column_of_build_or_snapshot_holds_it(loaded: Loaded, tmp_path: Path) -> None:
    secrets, folder = planted(loaded), loaded.folder / "var"
    copies = [(tmp_path / file.name, file) for file in (folder / BUILD, *folder.glob("warehouse-*.duckdb"))]
    assert len(copies) > 1
    for copy, file in copies:  # a copy: this process has the snapshot open already, with other settings
        copy.write_bytes(file.read_bytes())
        held = text_columns(copy)
        assert len(held) > 20
        assert [(name, told(text, secrets)) for name, text in held if told(text, secrets)] == [], file.name


def test_no_export_of_any_question_holds_it(loaded: Loaded) -> None:
    secrets, units = planted(loaded), (*loaded.world.units, *SPECIAL)
    asked = Asked(loaded.world.first_day, loaded.world.last_day + timedelta(1), units)
    reader = Reader(Warehouse(loaded.folder / "var"))
    for name, query in catalogue().items():
        if query.access == "self":
            continue
        known = {p.name: p.default for p in query.params if p.name != "units" and p.default is None}
        given = {n: getattr(asked, n, None) or "role" for n in known}
        answer = reader.run(name, Scope(("UK",), "rse"), units=units, **given)
        for form in FORMATS:
            assert told(written(answer, form).decode("utf-8", "replace"), secrets) == [], (name, form)


@pytest.mark.parametrize("language", ["cs", "en"])
def test_no_page_holds_it(loaded: Loaded, language: str) -> None:
    secrets = planted(loaded)
    app = create_app(Options(loaded.folder / "var"), Reader(Warehouse(loaded.folder / "var")))
    client = app.server.test_client()
    for page in PAGES:
        answer = client.get(f"{page.path}?lang={language}")
        assert answer.status_code == 200
        assert told(answer.text, secrets) == [], page.path


def test_a_persons_export_and_a_refusal_hold_no_address(
    loaded: Loaded, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = planted(loaded)
    active = next(p for p in loaded.world.persons if loaded.truth.first_active.get(p.number) and not p.is_deleted)
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SANDBOX_SECRET", "truth-world-secret-truth-world-secret")
    with closing(Runner(load(loaded.folder / "config.toml"))) as runner:
        text = exported(runner, find(runner, active.email))
        with pytest.raises(PersonError) as error:
            find(runner, f"nobody.{active.email}")
    shown = "".join(traceback.format_exception(error.value))
    assert '"main.usage_daily"' in text
    assert told(text + caplog.text + re.sub(r"File .*", "", shown), secrets) == []
