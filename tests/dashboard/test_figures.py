"""Figures are valid, label what they draw and leave out what may not be shown."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from plotly.offline import get_plotlyjs_version

from dashboard import figures, figures_change, theme
from dashboard.figures import Line, Mark
from dashboard.format import Hidden
from dashboard.language import speaking
from dashboard.responses import PLOTLY, PLOTLY_VERSION

DAYS = [date(2026, 8, 25) + timedelta(days=i) for i in range(90)]


def test_lines_are_a_valid_figure_with_a_label_at_each_end() -> None:
    series = [Line("28 days", range(90), theme.DATA["blue"]), Line("1 day", [Hidden()] * 90, theme.DATA["grey"])]
    figure = figures.lines(DAYS, series, spans=[(DAYS[4], DAYS[6])], marks=[Mark(DAYS[9], "training")])
    go.Figure(figure)
    assert [a["text"].split("●</span> ")[-1] for a in figure["layout"]["annotations"]] == [
        "28 days",
        "training",
    ]
    assert figure["layout"]["yaxis"]["range"][0] == 0
    assert set(figure["data"][1]["y"]) == {None}


def test_labels_that_would_overlap_are_moved_apart() -> None:
    placed = figures._spread([10, 11, 50], gap=5, top=52)
    assert [b - a >= 5 for a, b in pairwise(placed)] == [True, True]
    assert max(placed) <= 52


@pytest.mark.parametrize("count", [1, 7, 28, 90, 365])
def test_an_axis_has_few_ticks_whatever_its_length(count: int) -> None:
    days = [date(2025, 11, 23) + timedelta(days=i) for i in range(count)]
    with speaking("cs"):
        ticks = figures.day_ticks(days)
    assert 1 <= len(ticks["tickvals"]) <= figures.MAX_TICKS
    assert len(ticks["tickvals"]) == len(ticks["ticktext"])


def test_shares_add_up_to_the_axis_and_are_valid() -> None:
    series = [Line("a", [0.25] * 90, theme.DATA["blue"]), Line("b", [0.75] * 90, theme.DATA["teal"])]
    figure = figures.stacked_shares(DAYS, series)
    go.Figure(figure)
    assert figure["layout"]["yaxis"]["range"] == [0, 100]
    assert {a + b for a, b in zip(figure["data"][0]["y"], figure["data"][1]["y"], strict=True)} == {100}


def test_a_hidden_bar_has_no_height_but_says_so() -> None:
    figure = figures.columns(["0–25", "25–50"], [120, Hidden()], texts=["120", "few"], line_at=0.5, line_title="seat")
    go.Figure(figure)
    assert figure["data"][0]["y"] == [120, 0]
    assert figure["data"][0]["text"] == ["120", "few"]


def test_what_is_not_over_is_pale() -> None:
    figure = figures.columns(["Oct", "Nov"], [Decimal(10), Decimal(4)], faint=[False, True])
    go.Figure(figure)
    assert figure["data"][0]["marker"]["opacity"] == [1, 0.45]
    week = figures.above_below(["a", "b"], [Line("gone", [-3, -1], theme.DATA["amber"])], [False, True])
    go.Figure(week)
    assert week["data"][0]["marker"]["opacity"] == [1, 0.45]
    assert week["data"][0]["customdata"] == [3, 1]


@pytest.mark.parametrize(
    ("top", "are_counts", "said"),
    [
        (1585, True, ["0", "500", "1 000", "1 500"]),
        (42_405, False, ["0", "10 000", "20 000", "30 000", "40 000"]),
        (1, True, ["0", "1"]),
        (0.03, False, ["0", "0,01", "0,02", "0,03"]),
        (2_600_000, False, ["0", "0,5 mil.", "1,0 mil.", "1,5 mil.", "2,0 mil.", "2,5 mil."]),
    ],
)
def test_an_axis_is_written_as_the_language_does(top: float, are_counts: bool, said: list[str]) -> None:
    with speaking("cs"):
        ticks = figures.value_ticks(top, are_counts=are_counts)
    assert [text.replace("\u00a0", " ") for text in ticks["ticktext"]] == said
    assert ticks["tickvals"][0] == 0
    assert ticks["tickvals"][-1] <= top + 1e-9


@pytest.mark.parametrize("exponent", range(-3, 13))
def test_an_axis_has_between_two_and_six_values(exponent: int) -> None:
    for head in (1, 1.04, 2.6, 5.2, 9.99):
        assert 3 <= len(figures.value_ticks(head * 10.0**exponent)["tickvals"]) <= 6


def test_many_marks_are_numbered_and_none_leaves_the_chart() -> None:
    series = [Line("x", range(90), theme.DATA["blue"])]
    for count, names in ((3, ["m0", "m1", "m2"]), (4, ["1", "2", "3", "4"])):
        marks = [Mark(DAYS[i * 29], f"m{i}") for i in range(count)]
        drawn = figures.lines(DAYS, series, marks=marks)["layout"]["annotations"][1:]
        assert [a["text"] for a in drawn] == names
        assert (drawn[0]["xanchor"], drawn[-1]["xanchor"]) == ("left", "right" if count == 4 else "center")


def test_a_step_is_named_on_two_lines_at_most() -> None:
    assert figures_change._in_two("mix of models") == "mix of<br>models"
    assert figures_change._in_two("price") == "price"


def test_separators_are_those_of_the_language() -> None:
    with speaking("cs"):
        assert figures.separators() == ",\u00a0"
    with speaking("en"):
        assert figures.separators() == ".,"


def test_the_bundle_we_serve_is_the_plotly_js_that_plotly_py_expects() -> None:
    assert get_plotlyjs_version() == PLOTLY_VERSION
    assert f"plotly.js (cartesian - minified) v{PLOTLY_VERSION}" in PLOTLY.read_text("utf-8")[:200]


def test_the_compressed_bundle_is_the_bundle() -> None:
    import brotli

    assert brotli.decompress(PLOTLY.with_name(PLOTLY.name + ".br").read_bytes()) == PLOTLY.read_bytes()


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours. Rule: WCAG 2.2, relative luminance."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", theme.DATA)
def test_data_colours_can_be_told_from_the_card_in_both_themes(name: str) -> None:
    for tokens in (theme.LIGHT, theme.DARK):
        assert contrast(theme.DATA[name], tokens["card"]) >= 3


@pytest.mark.parametrize("ink", ["ink", "ink-2", "ink-3", "accent-ink", "good", "bad"])
def test_text_can_be_read_on_every_surface_in_both_themes(ink: str) -> None:
    for tokens in (theme.LIGHT, theme.DARK):
        for surface in ("card", "canvas"):
            assert contrast(tokens[ink], tokens[surface]) >= 4.5
