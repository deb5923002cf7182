"""Adoption: who has come, who stays, when it is used, where to train."""

from datetime import timedelta
from typing import Any

from dashboard import figures, theme
from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec, chart
from dashboard.components import Bar, Step, funnel, heat_grid, hidden_note, legend, ranked_bars
from dashboard.figures import Line
from dashboard.language import _, ngettext
from dashboard.pages.adoption_more import multiples, never_used, satisfaction
from dashboard.pages.order_cards import happened
from dashboard.pages.shared_cards import active_users, adoption_by_unit, funnel_by_unit, known, part
from dashboard.pages.targets import targets
from dashboard.sheets import Column, Sheet

WEEKS_SHOWN = 26
COHORTS_SHOWN = 12


def by_faculty(board: Board) -> Card | Empty:
    """Adoption rate per faculty and how it moved in 28 days."""
    title = _("Where has the Sandbox taken hold?")
    held = adoption_by_unit(board, board.period.last)
    rows = [held[unit] for unit in board.faculties if unit in held]
    rated = [r for r in rows if known(r["adoption_rate"]) is not None]
    if not rated:
        return Empty(title, _("No head-counts are known"), _("Adoption needs the eligible population of each unit."))
    rows = sorted(rows, key=lambda r: -(known(r["adoption_rate"]) or 0))
    peak = max(r["adoption_rate"] for r in rated)
    bars = [_rate_bar(board, r, peak) for r in rows]
    named = [{**r, "name": board.unit_name(r["unit"])} for r in rows]
    columns = [
        Column("unit", _("Code"), link=lambda r: board.view.link(unit=r["unit"])),
        Column("name", _("Unit"), "name"),
        Column("mau", _("Active in 28 days"), "count"),
        Column("eligible_persons", _("Eligible"), "count"),
        Column("adoption_rate", _("Adoption"), "share"),
        Column("adoption_rate_before", _("28 days before"), "share"),
    ]
    top, low = (pick(rated, key=lambda r: r["adoption_rate"]) for pick in (max, min))
    finding = _(
        "Most at {unit} ({share}), least at {least} ({low}). On the right the change in 28 days.",
        unit=top["unit"],
        share=fmt.share(top["adoption_rate"], 1),
        least=low["unit"],
        low=fmt.share(low["adoption_rate"], 1),
    )
    picture = ranked_bars(bars, has_current=board.unit != board.facts.root)
    note = hidden_note(board.facts.minimum_group) if len(rated) < len(rows) else None
    return Card(title, finding, [picture], Sheet(columns, named), ("adoption/adoption",), note=note)


def _rate_bar(board: Board, row: Row, peak: float) -> Bar:
    rate, before = known(row["adoption_rate"]), known(row["adoption_rate_before"])
    moved = fmt.points(rate - before) if rate is not None and before is not None else None
    unit, is_current = row["unit"], row["unit"] == board.view.unit
    link = board.view.link(unit=None if is_current else unit)
    return Bar(
        unit,
        board.unit_name(unit),
        fmt.share(row["adoption_rate"], 1),
        moved or fmt.NONE,
        part(rate, peak),
        link,
        is_current,
    )


def from_eligible(board: Board) -> Card | Empty:
    """The funnel from eligible to habitual."""
    title = _("How far do people get?")
    row = funnel_by_unit(board, board.period.last).get(board.unit)
    if row is None:
        return Empty(title, _("No accounts are known"))
    names = {
        "eligible_persons": (_("Eligible"), _("head-count of the directory")),
        "accounts": (_("Has an account"), _("could sign in")),
        "activated": (_("Activated"), _("asked at least once")),
        "active_28d": (_("Active"), _("in the last 28 days")),
        "habitual": (_("Habitual"), _("in 9 of the last 12 weeks")),
    }
    first = known(row["eligible_persons"]) or known(row["accounts"])
    before: Any = None
    steps, rows = [], []
    for key, (name, about) in names.items():
        value = row[key]
        rate = part(value, before) if known(before) and known(value) is not None else None
        steps.append(Step(name, about, fmt.number(value), part(value, first), fmt.share(rate, 0) if rate else ""))
        rows.append({"step": name, "persons": value, "rate": rate})
        before = value if value is not None else before
    columns = [
        Column("step", _("Step")),
        Column("persons", _("Persons"), "count"),
        Column("rate", _("Of the step before"), "share"),
    ]
    finding = _funnel_finding(row, rows)
    return Card(title, finding, [funnel(steps)], Sheet(columns, rows), ("adoption/funnel",))


def _funnel_finding(row: Row, steps: list[Row]) -> str:
    """How many may come at all, and at which step after that most are lost."""
    eligible, accounts = known(row["eligible_persons"]), known(row["accounts"])
    said = []
    if eligible and accounts:
        said.append(_("{share} of those eligible have an account.", share=fmt.share(accounts / eligible)))
    later = [s for s in steps[2:] if s["rate"] is not None]
    if later:
        worst = min(later, key=lambda s: s["rate"])
        said.append(
            _("Most are lost on the way to “{step}”: {share} get there.", step=worst["step"],
              share=fmt.share(worst["rate"]))
        )  # fmt: skip
    return " ".join(said)


def lifecycle(board: Board) -> Card | Empty:
    """New, returning, resurrected and dormant persons by week."""
    title = _("Are we gaining people or losing them?")
    start = max(board.period.end - timedelta(weeks=WEEKS_SHOWN), board.facts.first_day)
    rows = board.ask("adoption/lifecycle_weekly", units=[board.unit], start=start, end=board.period.end)
    if not rows:
        return Empty(title, _("Nobody was active in this selection"), _("Try a longer period or another unit."))
    names = {
        "returning_persons": (_("returning"), theme.DATA["blue"]),
        "new_persons": (_("new"), theme.DATA["teal"]),
        "resurrected_persons": (_("back again"), theme.DATA["violet"]),
        "dormant_persons": (_("gone quiet"), theme.DATA["amber"]),
    }
    if not any(known(r[key]) for r in rows for key in names):
        return Empty(title, _("Too few people to show"), hidden_note(board.facts.minimum_group))
    faint = [not r["is_complete"] for r in rows]
    # who has gone quiet is known only when the week is over
    rows = [r if r["is_complete"] else {**r, "dormant_persons": None} for r in rows]
    series = [Line(name, [_signed(r[key], key) for r in rows], colour) for key, (name, colour) in names.items()]
    labels = [fmt.day_short(r["week_start"]) for r in rows]
    columns = [Column("week_start", _("Week from"), "day"), *(Column(k, n, "count") for k, (n, _c) in names.items())]
    finding = _lifecycle_finding([r for r in rows if r["is_complete"]])
    parts = [chart("lifecycle", figures.above_below(labels, series, faint), alt=finding), _swatches(names)]
    partial = _("the pale week is not over") if any(faint) else None
    return Card(title, finding, parts, Sheet(columns, rows[::-1]), ("adoption/lifecycle_weekly",), partial=partial)


def _signed(value: Any, key: str) -> Any:
    number = known(value)
    return -number if key == "dormant_persons" and number is not None else number


def _swatches(names: dict[str, tuple[str, str]]) -> Any:
    return legend([(colour, name, "") for name, colour in names.values()])


def _lifecycle_finding(complete: list[Row]) -> str:
    if not complete:
        return ""
    last = complete[-1]
    gained = [known(last["new_persons"]), known(last["resurrected_persons"])]
    lost = known(last["dormant_persons"])
    if None in gained or lost is None:
        return _("The last whole week is too small to be shown.")
    return _(
        "In the week from {day}, {gained} people came or came back and {lost} went quiet.",
        day=fmt.day_short(last["week_start"]),
        gained=fmt.number(sum(g for g in gained if g)),
        lost=fmt.number(lost),
    )


def retention(board: Board) -> Card | Empty:
    """The triangle of weekly cohorts."""
    title = _("Do newcomers stay?")
    start = max(board.period.end - timedelta(weeks=COHORTS_SHOWN + 1), board.facts.first_day)
    rows = board.ask("adoption/retention_weekly", units=[board.unit], start=start, end=board.period.end)
    rows = [r for r in rows if r["is_complete"]]
    cohorts = sorted({r["cohort_week"] for r in rows})
    if not cohorts:
        return Empty(title, _("No whole week of newcomers yet"), _("Try a longer period or another unit."))
    weeks = range(max(r["week_no"] for r in rows) + 1)
    cells = {(r["cohort_week"], r["week_no"]): _retained(r) for r in rows}
    grid = [(fmt.day_short(c), [cells.get((c, w)) for w in weeks]) for c in cohorts]
    caption = _("Share of each week's newcomers who were active so many weeks later")
    columns = [
        Column("cohort_week", _("First active in the week from"), "day"),
        Column("week_no", _("Weeks later"), "count"),
        Column("cohort_persons", _("Newcomers"), "count"),
        Column("active_persons", _("Active"), "count"),
    ]
    finding = _retention_finding(rows)
    picture = heat_grid(
        grid, [str(w) for w in weeks], caption=caption, show="share", peak=_later_peak(cells),
        down=_("first week from"), across=_("weeks later"),
    )  # fmt: skip
    sheet = Sheet(columns, rows)
    note = caption + ". " + hidden_note(board.facts.minimum_group)
    return Card(title, finding, [picture], sheet, ("adoption/retention_weekly",), note=note)


def _later_peak(cells: dict[Any, Any]) -> float:
    """The highest share after the first week, which is always everybody."""
    return max((known(v) or 0.0 for (_cohort, week), v in cells.items() if week), default=1.0) or 1.0


def _retained(row: Row) -> Any:
    cohort, active = row["cohort_persons"], row["active_persons"]
    if known(cohort) is None or known(active) is None:
        return cohort if known(cohort) is None else active
    return active / cohort if cohort else None


def _retention_finding(rows: list[Row]) -> str:
    """The mean of week 4, weighted by the size of the cohorts."""
    fourth = [
        r for r in rows if r["week_no"] == 4 and known(r["cohort_persons"]) and known(r["active_persons"]) is not None
    ]
    newcomers = sum(r["cohort_persons"] for r in fourth)
    if not newcomers:
        return ""
    stayed = sum(r["active_persons"] for r in fourth) / newcomers
    return _("Four weeks after their first, {share} of newcomers were active.", share=fmt.share(stayed))


def days_of_28(board: Board) -> Card | Empty:
    """How many days of the last 28 people were active."""
    title = _("How often do people come?")
    rows = board.ask("adoption/active_days_28", units=[board.unit], day=board.period.last)
    counts = {r["active_days"]: r["persons"] for r in rows}
    if not any(known(v) for v in counts.values()):
        return Empty(title, _("Too few people to show"), hidden_note(board.facts.minimum_group))
    days = list(range(1, 29))
    values = [counts.get(d, 0) for d in days]
    hovers = [_l28_hover(d, v) for d, v in zip(days, values, strict=True)]
    figure = figures.columns([str(d) for d in days], values, hovers=hovers)
    figure["layout"]["xaxis"] |= {"tickvals": ["1", "4", "8", "12", "16", "20", "24", "28"]}
    seen = [v for v in values if known(v) is not None]
    often = sum(v for d, v in zip(days, values, strict=True) if d >= 8 and known(v) is not None)
    whole = sum(seen)
    finding = _("{share} of those shown came on eight days or more.", share=fmt.share(often / whole)) if whole else ""
    columns = [Column("active_days", _("Active days of 28"), "count"), Column("persons", _("Persons"), "count")]
    sheet = Sheet(columns, [{"active_days": d, "persons": v} for d, v in zip(days, values, strict=True)])
    is_hidden = any(isinstance(v, fmt.Hidden) for v in values)
    note = _("Active days out of the last 28.") + (" " + hidden_note(board.facts.minimum_group) if is_hidden else "")
    picture = chart("days-of-28", figure, alt=finding, height=220)
    return Card(title, finding, [picture], sheet, ("adoption/active_days_28",), note=note)


def _l28_hover(days: int, value: Any) -> str:
    active = ngettext("{n} day", "{n} days", days)
    return f"<b>{fmt.number(value)}</b>  {active}"


def hours(board: Board) -> Card | Empty:
    """Requests by weekday and local hour."""
    title = _("When is it used?")
    rows = board.over_period("adoption/usage_hours")
    if not any(r["user_requests"] for r in rows):
        return Empty(title, _("No requests in this selection"), _("Try a longer period or another unit."))
    cells = {(r["weekday"], r["hour"]): r["user_requests"] for r in rows}
    grid = [(fmt.weekday_short(d), [cells.get((d, h), 0) for h in range(24)]) for d in range(1, 8)]
    busiest = max(cells, key=lambda k: cells[k])
    outside = sum(v for (day, hour), v in cells.items() if day > 5 or not 8 <= hour < 18)
    finding = _(
        "Busiest: {weekday} {hour} h; {share} of requests come on weekends or outside 8–18 h.",
        weekday=fmt.weekday(busiest[0]),
        hour=f"{busiest[1]}–{busiest[1] + 1}",
        share=fmt.share(outside / sum(cells.values())),
    )
    caption = _("Requests by weekday and hour, local time")
    columns = [
        Column("weekday", _("Weekday")),
        Column("hour", _("Hour"), "count"),
        Column("user_requests", _("Requests"), "count"),
    ]
    sheet = Sheet(columns, [{**r, "weekday": fmt.weekday_short(r["weekday"])} for r in rows])
    picture = heat_grid(grid, [str(h) for h in range(24)], caption=caption)
    return Card(title, finding, [picture], sheet, ("adoption/usage_hours",), note=caption + ".")


PAGE = Page(
    path="/adoption",
    name="adoption",
    icon="adoption",
    title=lambda: _("Adoption"),
    filters=frozenset({"role", "channel"}),
    specs=(
        Spec("adoption-active", lambda board: active_users(board, "adoption-active"), 8),
        Spec("funnel", from_eligible, 4),
        Spec("adoption-by-faculty", by_faculty, 4, tall=True),
        Spec("lifecycle", lifecycle, 8),
        Spec("days-of-28", days_of_28, 8),
        Spec("faculty-multiples", multiples),
        Spec("targets", targets, 4),
        Spec("never-used", never_used, 4),
        Spec("satisfaction", satisfaction, 4),
        Spec("retention", retention, 12),
        Spec("hours", hours, 12),
        Spec("happened", happened),
    ),
)
