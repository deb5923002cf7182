"""Figures of plans: cost by person and by number of seats, what moves the answer, and the forecast with its range."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil, floor, log10
from typing import Any

from dashboard import format as fmt
from dashboard import theme
from dashboard.figures import Figure, Values, plain, separators, value_ticks


def _axis(title: str) -> dict[str, Any]:
    return {"title": {"text": title, "font": {"size": 12}, "standoff": 8}}


def _in_unit(unit: str) -> dict[str, Any]:
    """The unit of the upright axis, above it."""
    return {"xref": "paper", "x": 0, "xanchor": "right", "yref": "paper", "y": 1, "yanchor": "bottom", "yshift": 4,
            "showarrow": False, "text": unit, "font": {"size": 12}}  # fmt: skip


def _powers() -> dict[str, Any]:
    """Ticks of a logarithmic axis, a power of ten each, as the language writes them."""
    powers = range(-2, 8)
    return {"tickmode": "array", "tickvals": [10.0**n for n in powers],
            "ticktext": [fmt.number(Decimal(10) ** n, max(0, -n)) for n in powers]}  # fmt: skip


def _across(low: float, high: float) -> dict[str, Any]:
    """Some round values from `low` to `high`, which may be below zero, as the language writes them."""
    span = (high - low) or 1.0
    power = 10.0 ** floor(log10(span / 3))
    step = next(n * power for n in (1, 2, 5, 10) if n * power * 3 >= span)  # few, for they must fit a phone
    values = [n * step for n in range(ceil(low / step), int(high // step) + 1)]
    places = max(0, -floor(log10(step)))
    return {"tickmode": "array", "tickvals": values, "ticktext": [fmt.number(Decimal(str(v)), places) for v in values]}


def person_curve(
    ends: Sequence[int], by_use: Values, with_seat: Values, *, seat: float | None, names: tuple[str, str, str],
    x_title: str, unit: str,
) -> Figure:  # fmt: skip
    """Monthly cost of people in order of falling use, as steps (means of small groups), on logarithmic axes: a few
    cost thousands of times as much as most. `names` are those of use, of a seat's holder and of the seat line."""
    layout = theme.layout(separators=separators(), left=56, right=14, top=22, bottom=46)
    layout["hovermode"] = "x unified"
    layout["xaxis"] |= {**_axis(x_title), "type": "log", "showspikes": False, **_powers()}
    layout["yaxis"] |= {"type": "log", "rangemode": "normal", **_powers()}
    layout["annotations"] = [_in_unit(unit)]
    xs = _middles(ends)
    data = [_step(xs, by_use, names[0], colour=theme.DATA["blue"], unit=unit)]
    if any(v is not None for v in with_seat):
        data.append(_step(xs, with_seat, names[1], colour=theme.DATA["amber"], unit=unit, dash="dot"))
    if seat and seat > 0:
        layout["shapes"] = [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": seat, "y1": seat,
                             "line": {"color": theme.DATA["amber"], "width": 1.5, "dash": "dash"}}]  # fmt: skip
        layout["annotations"] += [{"xref": "paper", "x": 1, "xanchor": "right", "y": log10(seat), "yanchor": "bottom",
                                  "showarrow": False, "text": names[2], "font": {"size": 12}}]  # fmt: skip
    return {"data": data, "layout": layout}


def _middles(ends: Sequence[int]) -> list[float]:
    """Places on a logarithmic axis: the middle of each group."""
    starts = [0, *ends[:-1]]
    return [max((a + b + 1) / 2, 1) for a, b in zip(starts, ends, strict=True)]


def _step(xs: Sequence[float], values: Values, name: str, *, colour: str, unit: str, dash: str = "solid") -> Any:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(xs),
        "y": [v if v is not None and v > 0 else None for v in plain(values)],
        "line": {"color": colour, "width": 2, "shape": "hvh", "dash": dash},
        "hovertemplate": f"<b>%{{y:,.0f}}</b> {unit}  {name}<extra></extra>",
    }


def seat_curve(
    seats: Sequence[int], costs: Values, *, best: int | None, best_title: str, flat: tuple[int, int] | None,
    until: int, x_title: str, unit: str,
) -> Figure:  # fmt: skip
    """Cost a month by the number of persons with a seat, up to `until`; the minimum marked, the range that costs nearly
    as little shaded."""
    layout = theme.layout(separators=separators(), left=56, right=16, top=24, bottom=46)
    layout["hovermode"] = "x"
    shown = [(k, c) for k, c in zip(seats, plain(costs), strict=True) if k <= until]
    top = max((c for _k, c in shown if c is not None), default=1) * 1.1
    layout["margin"]["l"] = 66
    layout["xaxis"] |= {**_axis(x_title), "showspikes": False, **value_ticks(float(until), are_counts=True)}
    layout["yaxis"] |= {"range": [0, top], **value_ticks(top)}
    layout["xaxis"]["range"] = [-until * 0.02, until * 1.02]
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": [k for k, _c in shown],
        "y": [c for _k, c in shown],
        "line": {"color": theme.DATA["blue"], "width": 2},
        "hovertemplate": f"%{{x:,d}}: <b>%{{y:,.0f}}</b> {unit}<extra></extra>",
    }
    layout["annotations"] = [_in_unit(unit)]
    layout["shapes"] = [_band(flat)] if flat and flat[1] > flat[0] else []
    if best is not None and best in list(seats):
        height = plain(costs)[list(seats).index(best)] or 0
        beside = 30 if height > top / 4 else -56  # below the line, but not on the axis
        layout["annotations"] += [{"x": best, "y": height, "text": best_title, "showarrow": True, "arrowhead": 0,
                                  "ax": 0, "ay": beside, "arrowcolor": theme.DATA["grey"], "font": {"size": 12},
                                  "xanchor": "left" if best < until / 8 else "center"}]  # fmt: skip
        point = {"type": "scatter", "mode": "markers", "x": [best], "y": [height], "hoverinfo": "skip",
                 "marker": {"size": 10, "color": theme.DATA["teal"]}}  # fmt: skip
        return {"data": [line, point], "layout": layout}
    return {"data": [line], "layout": layout}


def _band(flat: tuple[int, int]) -> dict[str, Any]:
    return {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": flat[0], "x1": flat[1], "layer": "below",
            "line": {"width": 0}, "fillcolor": "rgba(20,145,124,0.13)"}  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """One line of a tornado: the value with the input a fifth lower and a fifth higher, and words beside it."""

    title: str
    low: float
    high: float
    low_said: str
    high_said: str


def tornado(bars: Sequence[Bar], *, now: float, now_said: str, lower: str, higher: str) -> Figure:
    """How far each input moves the saving from what it is now, the largest on top; zero is where the answer flips."""
    layout = theme.layout(separators=separators(), left=12, right=18, top=26, bottom=30)
    layout |= {"barmode": "overlay", "bargap": 0.38, "hovermode": "closest"}
    ends = [end for b in bars for end in (b.low, b.high)] or [now]
    layout["xaxis"] |= {"showgrid": True, "gridcolor": theme.LIGHT["grid"], "showspikes": False}
    layout["xaxis"] |= {"zeroline": True, "zerolinecolor": theme.DATA["red"], "zerolinewidth": 1.5}
    layout["xaxis"] |= {"tickangle": 0, **_across(min(ends), max(ends))}
    layout["yaxis"] |= {
        "autorange": "reversed",
        "automargin": True,
        "showgrid": False,
        "type": "category",
        "tickmode": "linear",
    }
    layout["shapes"] = [{"type": "line", "x0": now, "x1": now, "yref": "paper", "y0": 0, "y1": 1,
                         "line": {"color": theme.DATA["grey"], "width": 1}}]  # fmt: skip
    layout["annotations"] = [{"x": now, "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False,
                              "text": now_said, "font": {"size": 12}}]  # fmt: skip
    sides = [
        (lower, [b.low for b in bars], [b.low_said for b in bars], theme.DATA["amber"]),
        (higher, [b.high for b in bars], [b.high_said for b in bars], theme.DATA["blue"]),
    ]
    titles = [b.title for b in bars]
    return {"data": [_side(titles, side, now) for side in sides], "layout": layout}


def _side(titles: Sequence[str], side: tuple[str, Sequence[float], Sequence[str], str], now: float) -> Any:
    name, ends, said, colour = side
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": list(titles),
        "x": [end - now for end in ends],
        "base": now,
        "marker": {"color": colour, "cornerradius": 3},
        "customdata": list(said),
        "hovertemplate": f"<b>%{{customdata}}</b>  {name}<extra></extra>",
    }


def forecast(
    months: Sequence[date], known: Values, coming: Sequence[date], bands: Sequence[Values], *,
    names: tuple[str, str, str, str], unit: str,
) -> Figure:  # fmt: skip
    """Cost of past months, then P50 of coming ones within P10 to P90. `names`: of the past, middle, low and high."""
    layout = theme.layout(separators=separators(), left=56, right=16, top=26, bottom=38)
    layout["hovermode"] = "x unified"
    every = [*months, *coming]
    step = next(n for n in (1, 2, 3, 4, 6, 12) if len(every) <= 12 * n or n == 12)
    ticks = [d for d in every if (d.month - 1) % step == 0]  # January is among them: it carries its year
    layout["xaxis"] |= {"tickmode": "array", "tickvals": [d.isoformat() for d in ticks],
                        "ticktext": [fmt.month_short(d) for d in ticks], "showspikes": False,
                        "hoverformat": "%-m/%Y"}  # fmt: skip
    low, middle, high = ([band[place] for band in bands] for place in range(3))
    top = max([float(v) for v in [*plain(known), *plain(high)] if v is not None], default=1.0) * 1.05
    layout["margin"]["l"] = 66
    layout["annotations"] = [_in_unit(unit)]
    layout["yaxis"] |= {"range": [0, top], **value_ticks(top)}
    ends = [known[-1]] if len(known) else []  # the fan opens at the last month known
    days = [*months[-1:], *coming]
    data = [
        _month_line(days, [*ends, *low], names[2], unit, width=0.0),
        _month_line(days, [*ends, *high], names[3], unit, width=0.0)
        | {"fill": "tonexty", "fillcolor": "rgba(43,108,176,0.16)"},
        _month_line(days, [*ends, *middle], names[1], unit, dash="dot"),
        _month_line(months, known, names[0], unit),
    ]
    return {"data": data, "layout": layout}


def _month_line(
    days: Sequence[date], values: Values, name: str, unit: str, *, width: float = 2.0, dash: str = "solid"
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [d.isoformat() for d in days],
        "y": plain(values),
        "line": {"color": theme.DATA["blue"], "width": width, "dash": dash},
        "hovertemplate": f"<b>%{{y:,.0f}}</b> {unit}  {name}<extra></extra>",
    }
