"""Further cards of Models: ranks by month, cost against people, rising and falling, what a substitution would cost."""

from datetime import date
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, chart
from dashboard.components import Bar, Option, options, ranked_bars
from dashboard.figures import Line
from dashboard.figures_change import points, ranks
from dashboard.language import _, ngettext
from dashboard.markup import tag
from dashboard.pages.shared_cards import known, model_colour, part
from dashboard.period import month_start, months_back
from dashboard.sheets import Column, Sheet

MONTHS, RANKED = 6, 8
MOVERS = 4
BASE = 20  # requests: below it a change says nothing


def nothing(title: str) -> Empty:
    """The card when no model was used."""
    return Empty(title, _("No requests in this selection"), _("Try a longer period or another unit."))


def rank_by_month(board: Board) -> Card | Empty:
    """The place of each model by requests of persons, month by month; the last month may not be over."""
    title = _("Which models climb?")
    last = month_start(board.period.last)
    start, end = months_back(last, MONTHS - 1), months_back(last, -1)
    asked = board.ask("models/share_monthly", units=[board.unit], start=start, end=end)
    asked = [r for r in asked if r["user_requests"]]
    months = sorted({r["month_start"] for r in asked})
    places: dict[date, dict[str, int]] = {}
    titles: dict[str, str] = {r["model"]: r["title"] for r in asked}
    for month in months:
        rows = [r for r in asked if r["month_start"] == month]
        rows.sort(key=lambda r: (-r["user_requests"], r["model"]))
        places[month] = {r["model"]: at for at, r in enumerate(rows, start=1)}
    shown = sorted({m for p in places.values() for m, at in p.items() if at <= RANKED})
    if not shown:
        return nothing(title)
    courses = {m: [_within(places[month].get(m)) for month in months] for m in shown}
    series = [Line(titles[m], courses[m], model_colour(board, m), 2.4) for m in shown]
    labels = [_month_label(m, board) for m in months]
    finding = _climb_finding(courses, titles, months[0])
    picture = chart("model-ranks", ranks(labels, series, lowest=RANKED), alt=finding, height=300)
    columns = [Column("title", _("Model")), *(Column(str(m), fmt.month(m), "count") for m in months)]
    rows = [{"title": titles[m], **{str(month): places[month].get(m) for month in months}} for m in shown]
    rows.sort(key=lambda r: (r[str(months[-1])] or 10**6, r["title"]))
    note = _("Place by requests of people in each month; the first {n} are drawn.", n=RANKED)
    partial = _("* not a whole month") if labels[-1].endswith("*") else None
    return Card(title, finding, [picture], Sheet(columns, rows), ("models/share_monthly",), note=note, partial=partial)


def _within(place: int | None) -> int | None:
    return place if place is not None and place <= RANKED else None


def _month_label(month: date, board: Board) -> str:
    return fmt.month_short(month) + ("*" if months_back(month, -1) > board.period.end else "")


def _climb_finding(courses: dict[str, list[int | None]], titles: dict[str, str], first: date) -> str:
    leaders = [m for m, course in courses.items() if course[-1] == 1]
    said = _("{model} is first now.", model=titles[leaders[0]]) if leaders else ""
    risen = [((c[0] or RANKED + 1) - (c[-1] or RANKED + 1), m, c) for m, c in courses.items()]
    best = max(risen, key=lambda r: (r[0], r[1]))
    if best[0] <= 0:
        return said
    now, before = best[2][-1], best[2][0]
    if best[1] in leaders:
        return _("{model} is first now; in {month} its place was {n}.", model=titles[best[1]], month=fmt.month(first),
                 n=before or _("below {n}", n=RANKED))  # fmt: skip
    start = _("place {n}", n=before) if before else _("a place below {n}", n=RANKED)
    climbed = _("{model} climbed most: from {start} to {now}.", model=titles[best[1]], start=start, now=now)
    return f"{said} {climbed}".strip()


def cost_and_people(board: Board, rows: list[Row]) -> Card | Empty:
    """What each model costs against how many people it reaches; the whole university (persons per model)."""
    title = _("What does each model cost, and for how many people?")
    rows = [r for r in rows if known(r["persons"]) and r["metered_czk"] is not None]
    if len(rows) < 2:
        return Empty(
            title, _("Persons per model are counted for the whole university"), _("Choose the whole university.")
        )
    rows.sort(key=lambda r: -r["metered_czk"])
    each = [{**r, "czk_per_person": r["metered_czk"] / r["persons"]} for r in rows]
    dearest = max(each, key=lambda r: r["czk_per_person"])
    finding = _(
        "{model} costs the most per person it reaches: {cost}.",
        model=dearest["title"],
        cost=fmt.money(dearest["czk_per_person"]),
    )
    reached = [ngettext("{n} person", "{n} people", r["persons"]) for r in each]
    hovers = [
        f"<b>{r['title']}</b><br>{people} · {fmt.money(r['metered_czk'])}"
        for r, people in zip(each, reached, strict=True)
    ]
    figure = points(
        [r["title"] for r in each],
        [r["persons"] for r in each],
        [fmt.converted(r["metered_czk"]) for r in each],
        colours=[model_colour(board, r["model"]) for r in each],
        x_title=_("Persons"),
        y_title=_("Metered cost, {currency}", currency=fmt.currency_sign()),
        texts=hovers,
    )
    columns = [
        Column("title", _("Model")),
        Column("persons", _("Persons"), "count"),
        Column("metered_czk", _("Metered cost"), "czk"),
        Column("czk_per_person", _("Cost per active user"), "czk"),
    ]
    picture = chart("cost-and-people", figure, alt=finding, height=300)
    queries = ("models/usage", "adoption/active_by_model")
    return Card(title, finding, [picture], Sheet(columns, each), queries)


def movers(board: Board, rows: list[Row]) -> Card | Empty:
    """Models whose requests rose or fell the most against the period before, over a base that is not tiny."""
    title = _("Which models rise and which fall?")
    if not board.has_before:
        return Empty(title, _("There is no earlier period to compare with"), _("Try a shorter period."))
    moved = [
        {**r, "difference": r["requests"] - r["requests_before"]}
        for r in rows
        if max(r["requests"], r["requests_before"]) >= BASE and r["requests"] != r["requests_before"]
    ]
    if not moved:
        return nothing(title)
    moved.sort(key=lambda r: (-r["difference"], r["model"]))
    falling = [r for r in moved if r["difference"] < 0][-MOVERS:]
    shown = [r for r in moved if r["difference"] > 0][:MOVERS] + falling
    peak = max(abs(r["difference"]) for r in shown)
    bars = [
        Bar(r["title"], "", _signed(r["difference"]), r["change"], part(abs(r["difference"]), peak),
            colour=model_colour(board, r["model"]))
        for r in shown
    ]  # fmt: skip
    columns = [
        Column("title", _("Model")),
        Column("requests_before", _("Requests before"), "count"),
        Column("requests", _("Requests"), "count"),
        Column("difference", _("Difference"), "count"),
        Column("change", _("Change")),
    ]
    top, bottom = shown[0], shown[-1]
    finding = _("{model}: {change} requests.", model=top["title"], change=_signed(top["difference"]))
    if falling:
        finding += " " + _("{model}: {change} requests.", model=bottom["title"], change=_signed(bottom["difference"]))
    note = _("Requests against {what}; models with fewer than {n} are left out.", what=board.before_said, n=BASE)
    return Card(title, finding, [ranked_bars(bars)], Sheet(columns, moved), ("models/usage",), note=note)


def _signed(value: int) -> str:
    return ("+" if value > 0 else "") + fmt.number(value)


def substitution(board: Board, rows: list[Row]) -> Card | Empty:
    """What the use of one model would have cost at another's price per token. Both are in the address."""
    title = _("What if one model's use moved to another?")
    priced = {r["model"]: r for r in rows if r["usd_per_million"] is not None and r["metered_czk"] is not None}
    if len(priced) < 2:
        return nothing(title)
    by_cost = sorted(priced.values(), key=lambda r: -r["metered_czk"])
    source = priced.get(board.view.model or "") or by_cost[0]
    others = [r for r in by_cost if r["model"] != source["model"]]
    target = next((r for r in others if r["model"] == board.view.instead), others[0])
    moved = moved_cost(source, target)
    difference = moved - source["metered_czk"]
    peak = max(moved, source["metered_czk"])
    ways = [
        Option(source["title"], fmt.money(source["metered_czk"]), part(source["metered_czk"], peak), _("as it was")),
        Option(target["title"], fmt.money(moved), part(moved, peak), _("instead"), is_best=difference < 0),
    ]
    said = {"n": fmt.compact(source["billed_tokens"]), "model": source["title"], "other": target["title"]}
    if difference < 0:
        finding = _(
            "{n} tokens of {model} at the price of {other} would save {amount}.", amount=fmt.money(-difference), **said
        )
    else:
        finding = _(
            "{n} tokens of {model} at the price of {other} would cost {amount} more.",
            amount=fmt.money(difference),
            **said,
        )
    columns = [
        Column("title", _("Model")),
        Column("billed_tokens", _("Tokens"), "count"),
        Column("usd_per_million", _("USD per 1M tokens"), "usd"),
        Column("czk", _("Cost of these tokens"), "czk"),
    ]
    lines: list[dict[str, Any]] = [
        {**source, "czk": source["metered_czk"]},
        {**target, "billed_tokens": source["billed_tokens"], "czk": moved},
    ]
    note = _("The same number of tokens at the other's effective price; another model may need more or fewer of them.")
    parts = [_choice(board, by_cost, source, target), options(ways)]
    return Card(title, finding, parts, Sheet(columns, lines), ("models/usage",), note=note)


def moved_cost(source: Row, target: Row) -> Decimal:
    """CZK of the source's tokens at the target's price per token."""
    return Decimal(source["billed_tokens"] * target["metered_czk"] / target["billed_tokens"])


def _choice(board: Board, rows: list[Row], source: Row, target: Row) -> Markup:
    view = board.view
    fixed = {"period": view.preset if not view.first else None, "from": view.first, "to": view.last, "unit": view.unit}
    kept = [tag("input", type="hidden", name=k, value=v) for k, v in fixed.items() if v is not None]
    fields = [
        tag(
            "label",
            tag("span", label),
            _select(name, [r for r in rows if r["model"] != left_out], chosen),
            class_="field pick",
        )
        for name, label, chosen, left_out in (
            ("model", _("Use of"), source["model"], ""),
            ("instead", _("moves to"), target["model"], source["model"]),
        )
    ]
    button = tag("button", _("Compare"), type="submit", class_="button")
    return tag("form", kept, fields, button, method="get", action=view.path, class_="fields", data_view=True)


def _select(name: str, rows: list[Row], chosen: str) -> Markup:
    listed = [tag("option", r["title"], value=r["model"], selected=r["model"] == chosen) for r in rows]
    return tag("select", listed, name=name)
