"""Figures as dicts: pure functions of series. plotly.js draws them; `go.Figure` validates them in the tests.

Hidden and unknown values are gaps. Dates are ISO strings with ticks written by the server, so the browser needs no
locale files. Colour means identity.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard import format as fmt
from dashboard import theme
from dashboard.language import _, language

Figure = dict[str, Any]
Values = Sequence[Any]
MAX_TICKS = 7
MARKS_NAMED = 3  # more of them are numbered, and the card's note says what they are


@dataclass(frozen=True)
class Line:
    """One named line or band."""

    title: str
    values: Values
    colour: str
    width: float = 2.0


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day, drawn as a thin line with its name."""

    day: date
    title: str


def separators() -> str:
    """Decimal and thousands separators of the language, as plotly takes them."""
    return f",{fmt.NBSP}" if language() == "cs" else ".,"


def plain(values: Values) -> list[Any]:
    """Values as plotly takes them: suppressed and unknown ones are gaps, decimals become numbers for drawing only."""
    return [None if v is None or isinstance(v, fmt.Hidden) else float(v) if v % 1 else int(v) for v in values]


def day_ticks(days: Sequence[date]) -> dict[str, Any]:
    """At most MAX_TICKS evenly spaced days with their labels; starts of months when there are many days."""
    if len(days) > 200:
        firsts = [d for d in days if d.day == 1]
        chosen = firsts[:: max(1, -(-len(firsts) // MAX_TICKS))]
        texts = [fmt.month_short(d) for d in chosen]
    else:
        step = max(1, -(-len(days) // (MAX_TICKS - 1)))
        step = step if step < 5 else -(-step // 7) * 7  # whole weeks, so that ticks fall on one weekday
        few = list(days[::-1][:: 2 if len(days) > 4 else 1])[::-1]
        chosen = list(days[::-1][step // 3 :: step])[::-1] if len(days) > MAX_TICKS else few
        texts = [fmt.day_short(d) for d in chosen]
    return {"tickmode": "array", "tickvals": [d.isoformat() for d in chosen], "ticktext": texts, "tickangle": 0}


def value_ticks(top: float, *, are_counts: bool = False) -> dict[str, Any]:
    """At most six round values from 0 to `top` as the language writes them, in millions when they are large; whole
    ones for counts."""
    power = 10.0 ** math.floor(math.log10(top / 5)) if top > 0 else 1.0
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power * 5.2 >= top)
    step = max(1.0, step) if are_counts and step != 2.5 else 5.0 if are_counts else step
    values = [i * step for i in range(int(top / step + 1e-9) + 1)]
    unit, said = (1e6, _("{number}M")) if top >= 1_000_000 else (1.0, "{number}")
    places = next(n for n in range(13) if n == 12 or abs(step / unit * 10**n % 1) < 1e-6)
    texts = [said.format(number=fmt.number(v / unit, places)) if v else "0" for v in values]
    return {"tickmode": "array", "tickvals": values, "ticktext": texts}


def _are_counts(values: Iterable[Any]) -> bool:
    return all(isinstance(v, int | fmt.Hidden) or v is None for v in values)


def _room(top: float) -> int:
    """Pixels for the labels of the axis beside values up to `top`."""
    return 44 if top < 10_000 else 52 if top < 100_000 else 60


def _hover_format() -> str:
    return "%-d. %-m. %Y" if language() == "cs" else "%-d %b %Y"


def _bands(spans: Sequence[tuple[date, date]]) -> list[dict[str, Any]]:
    """Shaded spans of days `[start, end)`: weekends and exam periods."""
    common = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "layer": "below", "line": {"width": 0}}
    return [{**common, "x0": a.isoformat(), "x1": b.isoformat(), "fillcolor": theme.BAND} for a, b in spans]


def _spread(positions: Sequence[float], gap: float, top: float) -> list[float]:
    """Positions moved apart to at least `gap`, within [0, top], keeping their order."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    moved, floor = list(positions), -gap
    for i in order:
        moved[i] = floor = max(positions[i], floor + gap)
    ceiling = top + gap
    for i in reversed(order):
        moved[i] = ceiling = min(moved[i], ceiling - gap)
    return moved


def lines(
    days: Sequence[date],
    series: Sequence[Line],
    *,
    height: int = 280,
    spans: Sequence[tuple[date, date]] = (),
    marks: Sequence[Mark] = (),
    shape: str = ",d",
) -> Figure:
    """Counts over days, each line labelled at its end."""
    top = max((v for s in series for v in plain(s.values) if v is not None), default=1) * 1.08 or 1
    right = max(70, 24 + 7 * max((len(s.title) for s in series), default=0))
    shown = marks if len(marks) <= MARKS_NAMED else numbered(marks)
    rows = len(shown) if shown is marks else 1
    layout = theme.layout(separators=separators(), right=right, left=_room(top), top=12 + 13 * rows)
    layout["yaxis"] |= {
        "range": [0, top],
        **value_ticks(top, are_counts=_are_counts(v for s in series for v in s.values)),
    }
    layout["xaxis"] |= {**day_ticks(days), "hoverformat": _hover_format(), "type": "date"}
    layout["shapes"] = _bands(spans) + [_mark_line(m) for m in marks]
    layout["annotations"] = _end_labels(series, top, top * 17 / height) + [
        _mark_label(m, i % rows, days) for i, m in enumerate(shown)
    ]
    return {"data": [_line(days, s, shape) for s in series], "layout": layout}


def numbered(marks: Sequence[Mark]) -> list[Mark]:
    """Numbers in place of names, for when so many names would lie over each other."""
    return [Mark(mark.day, str(i)) for i, mark in enumerate(marks, 1)]


def courses(days: Sequence[date], series: Sequence[Line], *, height: int = 280) -> Figure:
    """Rates over days, each labelled at its end. How they move is what matters: the axis holds what there is."""
    held = [v for s in series for v in plain(s.values) if v is not None] or [0.0, 1.0]
    low, high = min(held), max(held)
    room = (high - low) * 0.12 or abs(high) * 0.01 or 1.0
    low, span = low - room, high - low + 2 * room
    figure = lines(days, series, height=height, shape=",.3f")
    layout = figure["layout"]
    layout["yaxis"] |= {"range": [low, low + span], "rangemode": "normal", "tickmode": "auto", "nticks": 5,
                        "tickformat": ",.2~f"}  # fmt: skip
    raised = [Line(s.title, [None if v is None else v - low for v in plain(s.values)], s.colour) for s in series]
    labels = _end_labels(raised, span, span * 17 / (height - 40))
    layout["annotations"] = [{**label, "y": label["y"] + low} for label in labels]
    return figure


def _line(days: Sequence[date], line: Line, shape: str = ",d") -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": line.title,
        "x": [d.isoformat() for d in days],
        "y": plain(line.values),
        "line": {"color": line.colour, "width": line.width, "shape": "linear"},
        "hovertemplate": f"<b>%{{y:{shape}}}</b>  {line.title}<extra></extra>",
    }


def _end_labels(series: Sequence[Line], top: float, gap: float) -> list[dict[str, Any]]:
    ends = [next((v for v in reversed(plain(s.values)) if v is not None), None) for s in series]
    drawn = [(s, end) for s, end in zip(series, ends, strict=True) if end is not None]  # a line of gaps has no name
    places = _spread([end for _s, end in drawn], gap, top)
    return [
        {
            "xref": "paper", "x": 1, "xanchor": "left", "xshift": 6, "y": y, "yref": "y", "showarrow": False,
            "text": f'<span style="color:{s.colour}">●</span> {s.title}', "font": {"size": 12},
        }
        for (s, _end), y in zip(drawn, places, strict=True)
    ]  # fmt: skip


def _mark_line(mark: Mark) -> dict[str, Any]:
    day = mark.day.isoformat()
    return {"type": "line", "x0": day, "x1": day, "yref": "paper", "y0": 0, "y1": 1,
            "line": {"color": theme.DATA["grey"], "width": 1, "dash": "dot"}}  # fmt: skip


def _mark_label(mark: Mark, row: int, days: Sequence[date]) -> dict[str, Any]:
    part = (mark.day - days[0]).days / max(1, (days[-1] - days[0]).days)
    side = "left" if part < 0.3 else "right" if part > 0.7 else "center"  # away from the edge, which would cut it
    return {"x": mark.day.isoformat(), "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False,
            "xanchor": side, "yshift": 13 * row, "text": mark.title, "font": {"size": 11}}  # fmt: skip


def stacked_shares(days: Sequence[date], series: Sequence[Line]) -> Figure:
    """Shares of a whole over days, drawn in percent as bands from 0 to 100; the bottom band is the first series."""
    layout = theme.layout(separators=separators(), right=8)
    layout["yaxis"] |= {"range": [0, 100], "tickvals": [0, 25, 50, 75, 100], "showgrid": False,
                        "ticktext": [fmt.share(v) for v in (0.0, 0.25, 0.5, 0.75, 1.0)]}  # fmt: skip
    layout["xaxis"] |= {**day_ticks(days), "hoverformat": _hover_format(), "type": "date"}
    percent = f"{fmt.NBSP}%" if language() == "cs" else "%"
    bands = [
        {
            **_line(days, s),
            "y": [None if v is None else round(v * 100, 3) for v in plain(s.values)],
            "stackgroup": "share",
            "line": {"color": s.colour, "width": 0.8},
            "fillcolor": _faded(s.colour),
            "hovertemplate": f"<b>%{{y:.0f}}{percent}</b>  {s.title}<extra></extra>",
        }
        for s in series
    ]
    return {"data": bands, "layout": layout}


def _faded(colour: str, alpha: float = 0.78) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def columns(
    labels: Sequence[str],
    values: Values,
    *,
    colours: str | Sequence[str] = theme.DATA["blue"],
    texts: Sequence[str] | None = None,
    hovers: Sequence[str] | None = None,
    faint: Sequence[bool] = (),
    line_at: float | None = None,
    line_title: str = "",
) -> Figure:
    """Upright bars of named things from zero; `faint` ones are not over yet; a line may stand between two bars."""
    heights = plain(values)
    top = max((h for h in heights if h is not None), default=1) or 1
    layout = theme.layout(separators=separators(), left=12 if texts else _room(top), top=26, bottom=38)
    layout["hovermode"] = "closest"
    layout["xaxis"] |= {"type": "category", "showspikes": False, "tickangle": 0,
                        "range": [-0.5, len(labels) - 0.5]}  # fmt: skip
    layout["yaxis"] |= {"visible": not texts, **value_ticks(top, are_counts=_are_counts(heights))}
    layout["bargap"] = 0.22
    if line_at is not None:
        layout["shapes"] = [_between(line_at)]
        right = line_at > len(labels) / 2
        layout["annotations"] = [{"x": line_at, "yref": "paper", "y": 1.02, "yanchor": "bottom", "showarrow": False,
                                  "xanchor": "right" if right else "left",
                "xshift": -4 if right else 4, "text": line_title,
                                  "font": {"size": 12}}]  # fmt: skip
    bar: dict[str, Any] = {
        "type": "bar",
        "x": list(labels),
        "y": [h or 0 for h in heights] if texts else heights,  # a hidden bar has no height but says 'few'
        "marker": {"color": colours if isinstance(colours, str) else list(colours), "cornerradius": 3},
        "hovertemplate": "%{hovertext}<extra></extra>",
        "hovertext": list(hovers or texts or [str(v) for v in values]),
    }
    if texts:
        bar |= {
            "text": list(texts),
            "textposition": "outside",
            "textfont": {"size": 12},
            "cliponaxis": False,
            "constraintext": "none",
        }
    if any(faint):
        bar["marker"]["opacity"] = [0.45 if f else 1 for f in faint]
    return {"data": [bar], "layout": layout}


def _between(position: float) -> dict[str, Any]:
    return {"type": "line", "x0": position, "x1": position, "yref": "paper", "y0": 0, "y1": 1.04,
            "line": {"color": theme.DATA["amber"], "width": 1.5, "dash": "dash"}}  # fmt: skip


def above_below(labels: Sequence[str], series: Sequence[Line], faint: Sequence[bool] = ()) -> Figure:
    """Stacked bars, positive series above zero and negative ones below."""
    layout = theme.layout(separators=separators(), right=20)
    layout |= {"barmode": "relative", "bargap": 0.25}
    every = max(1, -(-len(labels) // (MAX_TICKS - 1)))  # beside each other on a phone too
    shown = list(labels)[::-1][::every][::-1]
    layout["xaxis"] |= {"type": "category", "tickvals": shown, "ticktext": shown, "tickangle": 0,
                        "showspikes": False}  # fmt: skip
    layout["yaxis"] |= {"tickformat": ",d", "zeroline": True, "zerolinecolor": theme.DATA["grey"], "zerolinewidth": 1,
                        "rangemode": "normal"}  # fmt: skip
    bars = [
        {
            "type": "bar",
            "name": s.title,
            "x": list(labels),
            "y": plain(s.values),
            "customdata": [abs(v) if v is not None else None for v in plain(s.values)],
            "marker": {"color": s.colour, **({"opacity": [0.45 if f else 1 for f in faint]} if any(faint) else {})},
            "hovertemplate": "<b>%{customdata:,d}</b>  " + s.title + "<extra></extra>",
        }
        for s in series
    ]
    return {"data": bars, "layout": layout}
