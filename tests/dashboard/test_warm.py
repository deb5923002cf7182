"""Views are drawn again when the data is new, before anybody asks; who asks then finds the answers."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.app import UsageDash
from dashboard.view import View
from dashboard.viewer import Viewer
from dashboard.warm import Warm
from queries.reader import Reader, Scope
from tests.queries.synthetic import NAME

LATER = "warehouse-20261123T051000Z.duckdb"
RECTOR = Viewer("management 1", Scope(("UK",), "university"), "management", own=Scope(("UK",), "self", 7), shown="Eva")
COSTS, MODELS, PLANS = View(path="/costs"), View(path="/models"), View(path="/plans")


def drawn_by(warm_of: Callable[[list[Any]], Warm]) -> tuple[Warm, list[Any]]:
    """(a Warm, what it drew)."""
    drawn: list[Any] = []
    return warm_of(drawn), drawn


def test_what_was_seen_is_drawn_once_for_each_new_data_and_the_last_seen_comes_last() -> None:
    versions = ["one"]
    warm, drawn = drawn_by(lambda to: Warm(lambda: versions[-1], lambda _who, view: to.append(view.path)))
    for view in (COSTS, MODELS, COSTS):
        warm.saw(RECTOR, view)
    assert (warm.look(), drawn) == (2, ["/models", "/costs"])
    assert warm.look() == 0
    versions.append("two")
    assert (warm.look(), drawn) == (2, ["/models", "/costs"] * 2)


def test_language_and_theme_are_one_view_and_the_oldest_views_are_forgotten() -> None:
    warm, drawn = drawn_by(lambda to: Warm(lambda: "one", lambda _who, view: to.append(view.path), kept=2))
    for view in (PLANS, COSTS, MODELS, View(path="/costs", language="cs", theme="dark")):
        warm.saw(RECTOR, view)
    warm.look()
    assert drawn == ["/models", "/costs"]


def test_a_view_that_fails_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    def draw(to: list[Any], view: View) -> None:
        if view == replace(COSTS, language="en"):
            raise KeyError("no such unit")
        to.append(view.path)

    warm, drawn = drawn_by(lambda to: Warm(lambda: "one", lambda _who, view: draw(to, view)))
    for view in (COSTS, MODELS):
        warm.saw(RECTOR, view)
    assert (warm.look(), warm.look(), drawn) == (2, 0, ["/models"])
    assert "/costs could not be drawn ahead" in caplog.text


def test_nobodys_own_use_is_remembered() -> None:
    warm, drawn = drawn_by(lambda to: Warm(lambda: "one", lambda who, _view: to.append((who.own, who.shown))))
    warm.saw(RECTOR, COSTS)
    warm.look()
    assert drawn == [(None, "")]


def test_before_anybody_came_the_usual_views_are_drawn(make_app: Callable[..., UsageDash]) -> None:
    boards = make_app().boards
    usual = boards.usual_views()
    assert {view.path for _who, view in usual} >= {"/", "/adoption", "/costs", "/plans"}
    assert boards.warm.look(lambda: usual[-1:]) == 1


def test_after_new_data_the_page_that_was_open_asks_the_snapshot_nothing(
    make_app: Callable[..., UsageDash], university: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    shutil.copy(university / NAME, tmp_path / NAME)
    (tmp_path / "current").write_text(NAME, "utf-8")
    app = make_app(tmp_path)
    client = app.server.test_client()
    client.get("/costs?unit=MFF")
    shutil.copy(university / NAME, tmp_path / LATER)
    (tmp_path / "current").write_text(LATER, "utf-8")
    assert app.boards.warm.look() == 1
    asked: list[str] = []
    run = Reader.run

    def counted(self: Reader, name: str, *rest: Any, **named: Any) -> Any:
        asked.append(name)
        return run(self, name, *rest, **named)

    monkeypatch.setattr(Reader, "run", counted)
    assert client.get("/costs?unit=MFF").status_code == 200
    assert asked == []
    client.get("/costs?unit=FF")
    assert asked
