"""Pieces of cards: figures in a strip, ranked bars, legends, funnels, heat grids, notices."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.figures import plain
from dashboard.icons import icon
from dashboard.language import _
from dashboard.markup import Child, join, tag

SPARK_POINTS = 60


@dataclass(frozen=True)
class Kpi:
    """One figure of the strip: its change against the period before, its course, what to compare it with."""

    label: str
    value: str
    change: str | None
    why_no_change: str
    course: Sequence[Any]
    link: str | None = None
    beside: str = ""


def kpi_strip(kpis: Sequence[Kpi]) -> Markup:
    """The figures that matter most, in one bordered strip."""
    return tag("dl", [_kpi(k) for k in kpis], class_="kpis")


def _kpi(kpi: Kpi) -> Markup:
    label = tag("a", kpi.label, href=kpi.link) if kpi.link else kpi.label
    has_course = bool(kpi.change or kpi.why_no_change or kpi.course)
    return tag(
        "div",
        tag("dt", label),
        tag("dd", kpi.value, class_="value"),
        tag("dd", kpi.beside, class_="beside") if kpi.beside else None,
        tag("dd", _change(kpi), sparkline(kpi.course), class_="course") if has_course else None,
        class_="kpi",
    )


def _change(kpi: Kpi) -> Markup:
    if kpi.change is None:
        return tag("span", kpi.why_no_change, class_="change is-none")
    direction = "flat" if kpi.change.startswith("±") else "down" if kpi.change.startswith(fmt.MINUS) else "up"
    return tag("span", icon(direction), kpi.change, class_="change")


def sparkline(values: Sequence[Any], width: int = 120, height: int = 32, top: float | None = None) -> Markup | None:
    """A line over a soft area as SVG masks, coloured by CSS: follows the theme and prints. It fills its height, or
    stands on the scale from 0 to `top`."""
    known = _thinned([v for v in plain(values) if v is not None])
    if len(known) < 2:
        return None
    low, high = (min(known), max(known)) if top is None else (0, top)
    span = (high - low) or 1
    step = width / (len(known) - 1)
    dots = [f"{i * step:.1f} {height - 3 - (v - low) / span * (height - 6):.1f}" for i, v in enumerate(known)]
    line, area = "M" + "L".join(dots), f"M0 {height}L" + "L".join(dots) + f"L{width} {height}z"
    stroke = f'<path d="{line}" fill="none" stroke="#000" stroke-width="1.6" vector-effect="non-scaling-stroke"/>'
    fill = f'<path d="{area}"/>'
    style = f"--line:{_mask(stroke, width, height)};--area:{_mask(fill, width, height)}"
    return tag("span", class_="spark", style=style, aria_hidden="true")


def _thinned(values: Sequence[float]) -> list[float]:
    """Means of neighbours, so that a year is as calm as a month."""
    size = max(1, len(values) // SPARK_POINTS)
    groups = [values[i : i + size] for i in range(len(values) % size, len(values), size)]
    return [sum(group) / len(group) for group in groups]


def _mask(drawing: str, width: int, height: int) -> str:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" preserveAspectRatio="none">'
        f"{drawing}</svg>"
    )
    return f"url(data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"


@dataclass(frozen=True)
class Bar:
    """One line of a ranking: `part` of the longest bar (0..1); `link` filters, `is_special` stands apart."""

    label: str
    name: str
    value: str
    extra: str
    part: float
    link: str | None = None
    is_current: bool = False
    is_special: bool = False
    colour: str | None = None


def ranked_bars(bars: Sequence[Bar], *, has_current: bool = False) -> Markup:
    """Ranked bars; labels are links (keyboard and screen reader work, and they are addresses)."""
    extra = "has-extra" if any(b.extra for b in bars) else None
    names = "has-names" if any(b.name for b in bars) else None
    classes = " ".join(filter(None, ("ranked", extra, names, "has-current" if has_current else None)))
    return tag("ol", [_bar(b, bool(names)) for b in bars], class_=classes, style=f"--rows:{len(bars)}")


def _bar(bar: Bar, has_names: bool) -> Markup:
    label = tag("a", bar.label, href=bar.link, title=bar.name or None) if bar.link else tag("span", bar.label)
    state = " ".join(filter(None, ("is-current" if bar.is_current else "", "is-special" if bar.is_special else "")))
    fill = f"--part:{bar.part:.4f}" + (f";--colour:{bar.colour}" if bar.colour else "")
    return tag(
        "li",
        tag("span", label, class_="label"),
        tag("span", bar.name, class_="name") if bar.name or (has_names and not bar.is_special) else None,
        tag("span", class_="track", style=fill, aria_hidden="true"),
        tag("span", bar.value, class_="value"),
        tag("span", bar.extra, class_="extra") if bar.extra else None,
        class_=state or None,
    )


def legend(items: Sequence[tuple[str, str, str]]) -> Markup:
    """Colour, name and value of what a chart stacks, in the order of the stack from the top."""
    rows = [
        tag("li", tag("i", style=f"--colour:{colour}"), tag("span", name), tag("b", value))
        for colour, name, value in items
    ]
    return tag("ul", rows, class_="legend")


@dataclass(frozen=True)
class Option:
    """One of several ways to pay, drawn as a bar."""

    title: str
    value: str
    part: float
    badge: str | None = None
    is_best: bool = False
    detail: str = ""


def options(choices: Sequence[Option], *, are_across: bool = False) -> Markup:
    """Ways to pay, one under another on one scale; three beside each other where there is room."""
    return tag("ul", [_option(c) for c in choices], class_="options is-across" if are_across else "options")


def _option(choice: Option) -> Markup:
    badge = tag("span", choice.badge, class_="chip is-good" if choice.is_best else "chip") if choice.badge else None
    return tag(
        "li",
        tag("div", tag("span", choice.title, " ", badge), tag("b", choice.value), class_="row"),
        tag("span", class_="track", style=f"--part:{choice.part:.4f}", aria_hidden="true"),
        tag("small", choice.detail) if choice.detail else None,
        class_="is-best" if choice.is_best else None,
    )


@dataclass(frozen=True)
class Bullet:
    """What is spent of an amount, and what is expected: parts (0..1) of one scale; `said` gives the amounts."""

    title: str
    about: str
    said: str
    part: float
    more: float
    mark: float


def bullets(rows: Sequence[Bullet]) -> Markup:
    """One line each: a full bar, a pale one as far as is expected, a mark where the amount stands."""
    return tag("ul", [_bullet(b) for b in rows], class_="bullets")


def _bullet(row: Bullet) -> Markup:
    parts = f"--part:{row.part:.4f};--more:{max(row.part, row.more):.4f};--mark:{row.mark:.4f}"
    return tag(
        "li",
        tag("div", tag("b", row.title), tag("small", row.about), tag("span", row.said), class_="what"),
        tag("span", class_="track", style=parts, aria_hidden="true"),
    )


@dataclass(frozen=True)
class Step:
    """One step of a funnel."""

    title: str
    about: str
    value: str
    part: float | None
    rate: str


def funnel(steps: Sequence[Step]) -> Markup:
    """Steps one under another, each as wide as its share of the first."""
    has_extra = any(s.rate for s in steps)
    return tag("ol", [_step(s, has_extra) for s in steps], class_="funnel" if has_extra else "funnel is-plain")


def _step(step: Step, has_extra: bool) -> Markup:
    return tag(
        "li",
        tag("div", tag("b", step.title), tag("small", step.about), class_="what"),
        tag("span", class_="track", style=f"--part:{step.part or 0:.4f}", aria_hidden="true"),
        tag("b", step.value, class_="value"),
        tag("span", step.rate, class_="extra") if has_extra else None,
    )


def heat_grid(
    rows: Sequence[tuple[str, Sequence[Any]]],
    columns: Sequence[str],
    *,
    caption: str,
    show: str = "count",
    peak: float | None = None,
    down: str = "",
    across: str = "",
) -> Markup:
    """A table of shaded cells. `show` is 'count' (shade only, figure on hover) or 'share' (figure in the cell);
    `down` and `across` name what the rows and columns are."""
    peak = peak or max((v for _row, values in rows for v in plain(values) if v is not None), default=0) or 1
    corner = tag("th", down or tag("span", caption, class_="unseen"), class_="down" if down else None)
    over = tag("tr", tag("td"), tag("th", across, colspan=len(columns), scope="colgroup", class_="across"))
    head = join([over if across else None, tag("tr", corner, [tag("th", c, scope="col") for c in columns])])
    body = [tag("tr", tag("th", name, scope="row"), [_heat(v, peak, show) for v in values]) for name, values in rows]
    drawn = tag("table", tag("thead", head), tag("tbody", body), class_=f"heat heat-{show}")
    return tag(
        "div", drawn, class_="scroll", tabindex="0", role="region", aria_label=_("Table: {title}", title=caption)
    )


def _heat(value: Any, peak: float, show: str) -> Markup:
    if value is None:
        return tag("td", class_="is-none")
    text = fmt.share(value) if show == "share" and not isinstance(value, fmt.Hidden) else fmt.number(value)
    shade = 0.0 if isinstance(value, fmt.Hidden) else min(1.0, float(value) / peak)
    return tag("td", tag("span", text), style=f"--heat-part:{shade:.3f}")


def notice(kind: str, strong: str, text: Child) -> Markup:
    """A bordered message: kind is warn, bad or info."""
    return tag(
        "div",
        icon("info" if kind == "info" else "warning"),
        tag("p", tag("strong", strong), " ", text),
        class_=f"notice is-{kind}",
        role="status",
    )


def subhead(text: str) -> Markup:
    """A small heading within a card."""
    return tag("h3", text, class_="subhead")


def bullet_list(items: Sequence[Child]) -> Markup:
    """A short list of remarks."""
    return tag("ul", [tag("li", item) for item in items], class_="remarks")


def day_tracker(days: Sequence[tuple[str, str]], *, label: str) -> Markup:
    """A strip of days: (kind, title) each, kind is ok, none or gap."""
    squares = join([tag("i", class_=f"is-{kind}", title=title) for kind, title in days])
    return tag("div", squares, class_="tracker", role="img", aria_label=label)


def hidden_note(minimum: int) -> str:
    """Why some counts read 'few'."""
    return _("Groups smaller than {n}, and some a little larger, are not shown.", n=minimum)
