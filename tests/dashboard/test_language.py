"""Every text of the dashboard exists in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import dashboard
from dashboard.language import FOLDER, LANGUAGES, _, speaking, translated
from dashboard.pages import PAGES
from queries.catalogue import catalogue

SOURCE = Path(dashboard.__file__).parent


def texts() -> Iterator[tuple[str, ...]]:
    """The literal texts of every `_` and `ngettext` in the package, wherever they stand."""
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
                count = 1 if node.func.id == "_" else 2
                yield tuple(a.value for a in node.args[:count] if isinstance(a, ast.Constant))


def asked_queries() -> set[str]:
    """Names of the queries that pages name in their source."""
    pages = (node for file in (SOURCE / "pages").glob("*.py") for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    literals = {n.value for n in pages if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return literals & set(catalogue())


@pytest.fixture(scope="module")
def czech() -> Catalog:
    """The Czech catalogue."""
    with (FOLDER / "cs.po").open("rb") as file:
        return read_po(file, locale="cs")


def test_every_text_is_translated_in_all_its_forms(czech: Catalog) -> None:
    missing = []
    for text in set(texts()):
        message = czech.get(text[0])
        forms = [] if message is None else message.string if isinstance(message.string, tuple) else [message.string]
        if not forms or not all(forms) or len(forms) != (1 if len(text) == 1 else 3):
            missing.append(text)
    assert missing == []


def test_no_translation_is_left_over(czech: Catalog) -> None:
    used = {text[0] for text in texts()} | {t for q in catalogue().values() for t in (q.title, q.about, q.grain)}
    known = {m.id[0] if isinstance(m.id, tuple) else m.id for m in czech if m.id}
    assert known - used == set()


def test_translations_name_the_same_values_as_the_source(czech: Catalog) -> None:
    def named(text: str) -> set[str]:
        return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name}

    wrong = []
    for message in czech:
        if not message.id:
            continue
        source = message.id[-1] if isinstance(message.id, tuple) else message.id
        for form in message.string if isinstance(message.string, tuple) else [message.string]:
            if named(form) != named(source):
                wrong.append(form)
    assert wrong == []


def test_definitions_of_all_queries_are_translated() -> None:
    with speaking("cs"):
        texts = [t for q in catalogue().values() for t in (q.title, q.about, q.grain)]
        missing = [t for t in texts if translated(t) is None]
    assert missing == []


def test_page_names_differ_between_the_languages() -> None:
    named = {}
    for code in LANGUAGES:
        with speaking(code):
            named[code] = " ".join(p.title() for p in PAGES)
    assert named == {
        "cs": "Přehled Adopce Náklady Moje fakulta Modely Předplatné Faktury Data Metodika",
        "en": "Overview Adoption Costs My faculty Models Plans Invoices Data Methodology",
    }


def test_a_text_nobody_translated_comes_back_as_it_is() -> None:
    with speaking("cs"):
        assert _("nobody has said this before") == "nobody has said this before"
    assert set(LANGUAGES) == {"cs", "en"}
