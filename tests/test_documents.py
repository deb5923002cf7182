"""The documents are true: every command, setting, source, file and link they speak of exists, and none is left out."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl import __main__ as etl_main
from etl.demo import __main__ as demo_main
from etl.reference_data import SHIPPED
from etl.sections import Schedule
from etl.settings import Settings
from etl.sources.invoices.folder import REPORTS, SHEETS
from etl.sources.seats import folder as seats
from queries import __main__ as queries_main
from queries import documentation
from queries.analysis import forecast_report

REPOSITORY = Path(__file__).parents[1]
DOCUMENTS = sorted([REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
MAKE = re.compile(r"^([a-z]+):", re.MULTILINE)


def text(*documents: Path) -> str:
    return "\n".join(file.read_text("utf-8") for file in documents or DOCUMENTS)


def commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """(name, parser) of every command of a command line."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def options(parser: argparse.ArgumentParser) -> set[str]:
    """Long options of a command, without --help."""
    return {o for action in parser._actions for o in action.option_strings if o.startswith("--")} - {"--help"}


ETL = dict(commands(etl_main._parser()))
QUERIES = dict(commands(queries_main._parser()))


def test_there_are_commands_and_documents_to_check() -> None:
    assert set(ETL) >= {"run", "backfill", "status", "publish", "serve", "doctor"}
    assert set(QUERIES) >= {"list", "show", "run", "docs"}
    assert {f.name for f in DOCUMENTS} >= {"README.md", "operating.md", "privacy.md", "adding.md", "metrics.md"}


@pytest.mark.parametrize("command", sorted(ETL))
def test_every_command_of_the_etl_is_documented(command: str) -> None:
    assert f"python -m etl {command}" in text()


@pytest.mark.parametrize("command", sorted(QUERIES))
def test_every_command_of_the_queries_is_documented(command: str) -> None:
    operating = text(REPOSITORY / "docs" / "operating.md")
    [line] = [line for line in operating.splitlines() if "python -m queries list" in line] or [""]
    assert f"python -m queries {command}" in text() or f"`{command}" in line


@pytest.mark.parametrize(("module", "command"), [("etl", c) for c in ETL] + [("queries", c) for c in QUERIES])
def test_every_option_is_explained_by_its_own_help(module: str, command: str) -> None:
    parser = {"etl": ETL, "queries": QUERIES}[module][command]
    silent = {a.dest for a in parser._actions if not a.help and not a.choices and a.metavar != "NAME"}
    assert silent == set()


def test_every_command_and_option_that_a_document_shows_exists() -> None:
    known = {"etl": ETL, "queries": QUERIES}
    shown = re.findall(r"python -m (etl|queries)((?: [^\s`|]+)+)", text())
    assert len(shown) > 8
    for module, rest in shown:
        words = [w.strip(".,:;") for w in rest.split()]
        command = next((w for w in words if w in known[module]), None)
        assert command or words[0].startswith("--"), f"python -m {module}{rest}"
        if command:
            used = {w for w in words if w.startswith("--")}
            assert used <= options(known[module][command]) | {"--config", "--debug"}, f"python -m {module}{rest}"


@pytest.mark.parametrize("part", [n for n in Settings.model_fields if n != "base"])
def test_every_table_of_settings_is_in_the_example_with_a_word_about_it(part: str) -> None:
    example = (REPOSITORY / "config.example.toml").read_text("utf-8")
    assert re.search(rf"^#?\[\[?{part}\]", example, re.MULTILINE)


def test_every_setting_that_a_document_names_exists() -> None:
    dotted = set(re.findall(r"`([a-z]+)\.([a-z_]+)(?: = [^`]*)?`", text()))
    named = {(t, k) for t, k in dotted if t in Settings.model_fields}
    assert named
    assert {k for t, k in named if t in ("storage", "privacy", "directory", "fx", "university", "schedule")} <= {
        key
        for table in ("storage", "privacy", "directory", "fx", "university", "schedule")
        for key in Settings.model_fields[table].annotation.model_fields  # type: ignore[union-attr]
    }


@pytest.mark.parametrize("kind", [k for k in Schedule.model_fields if k != "reconcile"])
def test_every_kind_of_source_is_documented(kind: str) -> None:
    assert f"`{kind}`" in text(REPOSITORY / "docs" / "operating.md")


@pytest.mark.parametrize("system", ["LiteLLM", "Open WebUI", "OpenAI", "Anthropic", "FOCUS", "Czech National Bank"])
def test_every_system_that_is_read_is_documented(system: str) -> None:
    assert system in text(REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md"))


@pytest.mark.parametrize("title", [k.title for k in (*SHEETS, *REPORTS)])
def test_every_kind_of_invoice_is_documented(title: str) -> None:
    words = re.findall(r"OpenAI|Anthropic|FOCUS|CSV|JSON|XLSX|Parquet|flat costs", title)
    invoices = text(REPOSITORY / "docs" / "invoices.md")
    assert any(all(word.lower() in line.lower() for word in words) for line in invoices.splitlines() if "|" in line)


FILES = ["units", "people", "domains", "groups", "population", "service_accounts", "models"]
FILES += ["budgets", "annotations", "targets", "prices", "plans"]


@pytest.mark.parametrize("title", [k.title for k in (*seats.SHEETS, *seats.ANSWERS)])
def test_every_kind_of_report_on_seats_is_documented(title: str) -> None:
    lines = text(REPOSITORY / "docs" / "seats.md").splitlines()
    assert any(title in line for line in lines if line.startswith("|"))


def test_the_document_on_the_forecast_follows_from_its_measurement() -> None:
    assert forecast_report.is_current()


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_directory_is_documented(name: str) -> None:
    assert f"{name}.csv" in text(REPOSITORY / "docs" / "directory.md")


@pytest.mark.parametrize("name", sorted(f.name for f in SHIPPED.iterdir() if f.suffix in (".csv", ".toml")))
def test_every_shipped_reference_file_is_named_somewhere(name: str) -> None:
    assert name in text(*DOCUMENTS, SHIPPED / "README.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda f: str(f.relative_to(REPOSITORY)))
def test_every_link_leads_somewhere(document: Path) -> None:
    missing = [
        target
        for target in LINK.findall(document.read_text("utf-8"))
        if not target.startswith(("http", "mailto:")) and not (document.parent / target).exists()
    ]
    assert missing == []


def test_every_target_of_the_makefile_that_a_document_names_exists() -> None:
    targets = set(MAKE.findall((REPOSITORY / "Makefile").read_text("utf-8")))
    named = set(re.findall(r"`make ([a-z]+)`|^    make ([a-z]+)", text(), re.MULTILINE))
    assert {a or b for a, b in named} <= targets
    assert {a or b for a, b in named} >= {"demo", "test", "check"}


def test_the_reference_of_metrics_follows_from_the_sql() -> None:
    assert documentation.is_current()


def test_the_demo_has_the_options_that_make_demo_uses() -> None:
    line = next(line for line in (REPOSITORY / "Makefile").read_text("utf-8").splitlines() if "etl.demo" in line)
    source = Path(demo_main.__file__).read_text("utf-8")
    assert [option for option in re.findall(r"--[a-z]+", line) if f'"{option}"' not in source] == []


def test_no_document_names_a_path_of_the_machine_it_was_written_on() -> None:
    assert re.findall(r"/work/\S+|/root/\S+|/home/\S+", text(*DOCUMENTS, REPOSITORY / "config.example.toml")) == []
