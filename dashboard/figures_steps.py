"""The way from one amount to another, lying: a line a step, so that names have room on a phone too."""

from collections.abc import Sequence
from typing import Any

from dashboard import theme
from dashboard.figures import Figure, Values, plain, separators

ROW = 34  # pixels a step


def height_of(rows: int) -> int:
    """Pixels the figure needs."""
    return 30 + ROW * rows


def steps_across(labels: Sequence[str], values: Values, *, totals: Sequence[bool], texts: Sequence[str]) -> Figure:
    """Totals are points, changes are bars between what was before and after them, from the top down.

    Bars mean differences, not amounts, so the axis need not start at zero: beside the totals they could not be seen.
    """
    layout = theme.layout(separators=separators(), left=132, right=14, top=8, bottom=10)
    layout["hovermode"] = "closest"
    heights = [float(v or 0) for v in plain(values)]
    levels = _levels(heights, totals)
    ends = [end for pair in levels for end in pair]
    low, high = min(ends), max(ends)
    room = (high - low) or abs(high) or 1
    layout["xaxis"] |= {"visible": False, "showspikes": False, "range": [low - room * 0.8, high + room * 0.85]}
    order = {"type": "category", "categoryorder": "array", "categoryarray": list(labels)}
    ticks = {"tickvals": list(labels), "ticktext": list(labels), "nticks": len(labels)}
    layout["yaxis"] |= {**order, **ticks, "range": [len(labels) - 0.5, -0.5], "showgrid": False, "rangemode": "normal"}
    changes = [i for i, is_total in enumerate(totals) if not is_total]
    points = [i for i, is_total in enumerate(totals) if is_total]
    return {"data": [_bars(labels, heights, levels, texts, changes), _points(labels, levels, texts, points)],
            "layout": layout}  # fmt: skip


def _levels(heights: Sequence[float], totals: Sequence[bool]) -> list[tuple[float, float]]:
    """(before, after) of every step."""
    found, level = [], 0.0
    for height, is_total in zip(heights, totals, strict=True):
        before = height if is_total else level
        level = height if is_total else level + height
        found.append((before, level))
    return found


def _bars(
    labels: Sequence[str], heights: Sequence[float], levels: Sequence[tuple[float, float]], texts: Sequence[str],
    chosen: Sequence[int],
) -> dict[str, Any]:  # fmt: skip
    return {
        "type": "bar",
        "orientation": "h",
        "y": [labels[i] for i in chosen],
        "x": [heights[i] for i in chosen],
        "base": [levels[i][0] for i in chosen],
        "width": 0.56,
        "marker": {"color": [theme.DATA["amber" if heights[i] > 0 else "teal"] for i in chosen], "cornerradius": 3},
        "text": [texts[i] for i in chosen],
        "textposition": "outside",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "constraintext": "none",
        "hovertemplate": "<b>%{text}</b>  %{y}<extra></extra>",
    }


def _points(
    labels: Sequence[str], levels: Sequence[tuple[float, float]], texts: Sequence[str], chosen: Sequence[int]
) -> dict[str, Any]:
    ends = [end for pair in levels for end in pair]
    middle = (min(ends) + max(ends)) / 2
    return {
        "type": "scatter",
        "mode": "markers+text",
        "y": [labels[i] for i in chosen],
        "x": [levels[i][1] for i in chosen],
        "marker": {"size": 12, "symbol": "diamond", "color": theme.DATA["grey"]},
        "text": [f"<b>{texts[i]}</b>" for i in chosen],
        "textposition": ["middle left" if levels[i][1] > middle else "middle right" for i in chosen],
        "textfont": {"size": 12},
        "cliponaxis": False,
        "hovertemplate": "%{text}  %{y}<extra></extra>",
    }
