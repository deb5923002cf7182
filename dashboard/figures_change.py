"""Figures of change: steps from one total to another, ranks over months, two measures against each other."""

from collections.abc import Sequence
from typing import Any

from dashboard import theme
from dashboard.figures import Figure, Line, Values, plain, separators, value_ticks


def steps(
    labels: Sequence[str], values: Values, *, totals: Sequence[bool], texts: Sequence[str], hovers: Sequence[str]
) -> Figure:
    """A waterfall: totals stand on zero, changes start where the one before ended. Up and down differ by shape of the
    text (a sign) as well as by colour."""
    layout = theme.layout(separators=separators(), left=12, top=26, bottom=40)
    layout["hovermode"] = "closest"
    layout["xaxis"] |= {"type": "category", "showspikes": False, "tickangle": 0, "range": [-0.5, len(labels) - 0.5]}
    broken = [_in_two(label) for label in labels]  # for narrow screens
    layout["xaxis"] |= {"tickmode": "array", "tickvals": list(labels), "ticktext": broken}
    layout["yaxis"] |= {"visible": False}
    layout["bargap"] = 0.35
    bases, level = [], 0.0
    heights = [float(v or 0) for v in plain(values)]
    for height, is_total in zip(heights, totals, strict=True):
        bases.append(0.0 if is_total else level)
        level = height if is_total else level + height
    bar = {
        "type": "bar",
        "x": list(labels),
        "y": heights,
        "base": bases,
        "marker": {"color": [_step_colour(h, t) for h, t in zip(heights, totals, strict=True)], "cornerradius": 3},
        "text": list(texts),
        "textposition": "outside",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "constraintext": "none",
        "customdata": list(hovers),
        "hovertemplate": "<b>%{customdata}</b>  %{x}<extra></extra>",
    }
    return {"data": [bar], "layout": layout}


def _in_two(label: str) -> str:
    """The label on two lines at most, broken at the space nearest to its middle."""
    spaces = [i for i, letter in enumerate(label) if letter == " "]
    if not spaces:
        return label
    at = min(spaces, key=lambda i: abs(i - len(label) / 2))
    return f"{label[:at]}<br>{label[at + 1 :]}"


def _step_colour(height: float, is_total: bool) -> str:
    return theme.DATA["grey"] if is_total else theme.DATA["amber"] if height > 0 else theme.DATA["teal"]


def ranks(labels: Sequence[str], series: Sequence[Line], *, lowest: int) -> Figure:
    """Ranks over time (a bump chart): 1 on top; a gap where a thing was out of the ranking."""
    layout = theme.layout(separators=separators(), right=150, left=24, top=14)
    layout["hovermode"] = "closest"
    layout["xaxis"] |= {"type": "category", "showspikes": False, "tickangle": 0, "range": [-0.2, len(labels) - 0.8]}
    layout["yaxis"] |= {"range": [lowest + 0.5, 0.5], "tickmode": "array", "tickvals": list(range(1, lowest + 1)),
                        "showgrid": False, "rangemode": "normal"}  # fmt: skip
    layout["annotations"] = [_name(line) for line in series if line.values and line.values[-1] is not None]
    return {"data": [_rank(labels, line) for line in series], "layout": layout}


def _rank(labels: Sequence[str], line: Line) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": line.title,
        "x": list(labels),
        "y": list(line.values),
        "line": {"color": line.colour, "width": line.width},
        "marker": {"size": 9, "color": line.colour},
        "hovertemplate": f"<b>%{{y}}.</b>  {line.title}, %{{x}}<extra></extra>",
    }


def _name(line: Line) -> dict[str, Any]:
    return {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 4, "y": line.values[-1], "yref": "y",
            "showarrow": False, "text": line.title, "font": {"size": 12}}  # fmt: skip


def points(names: Sequence[str], xs: Values, ys: Values, *, colours: Sequence[str], x_title: str, y_title: str,
           texts: Sequence[str], labelled: int = 3) -> Figure:  # fmt: skip
    """Things by two measures; the first `labelled` carry their names, the others say them on hover."""
    layout = theme.layout(separators=separators(), left=64, right=60, bottom=44, top=34)
    layout["hovermode"] = "closest"
    across, up = (
        max([float(v) for v in plain(values) if v is not None], default=1.0) * 1.08 or 1 for values in (xs, ys)
    )
    layout["xaxis"] |= {"title": {"text": x_title, "font": {"size": 12}}, "showgrid": True, "tickangle": 0,
                        "gridcolor": theme.LIGHT["grid"], "showspikes": False, "range": [0, across],
                        **value_ticks(across, are_counts=True)}  # fmt: skip
    layout["yaxis"] |= {"range": [0, up], **value_ticks(up)}
    layout["annotations"] = [{"xref": "paper", "x": 0, "xanchor": "left", "xshift": -58, "yref": "paper", "y": 1,
                              "yanchor": "bottom", "yshift": 8, "showarrow": False, "text": y_title,
                              "font": {"size": 12}}]  # fmt: skip
    low = [i for i, y in enumerate(plain(ys)) if i < labelled and (y or 0) < up / 6]  # side by side: names go outwards
    low.sort(key=lambda i: plain(xs)[i] or 0)
    places = ["top center"] * len(names)
    for i in low:
        places[i] = "middle right" if i == low[-1] else "top left"
    dots = {
        "type": "scatter",
        "mode": "markers+text",
        "x": plain(xs),
        "y": plain(ys),
        "marker": {"size": 13, "color": list(colours)},
        "text": [n if i < labelled else "" for i, n in enumerate(names)],
        "textposition": places,
        "textfont": {"size": 12},
        "cliponaxis": False,
        "hovertext": list(texts),
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    return {"data": [dots], "layout": layout}
