"""Methodology: how each figure was computed. All of it is generated from the headers of the queries and the data."""

from collections import defaultdict
from functools import lru_cache, partial
from itertools import groupby

from markupsafe import Markup

from dashboard import figures, theme
from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec, chart, own
from dashboard.components import bullet_list, hidden_note
from dashboard.figures import Line
from dashboard.language import _, language, ngettext
from dashboard.markup import join, tag
from dashboard.pages.methodology_more import changes, prices, privacy
from dashboard.pages.used_queries import queries_of
from dashboard.sheets import Column, Sheet
from queries.catalogue import Query, catalogue

AREAS = tuple(dict.fromkeys(q.area for q in catalogue().values()))


def area_titles() -> dict[str, str]:
    """{area of the catalogue: its name}; an area nobody has named stands under its own."""
    return {
        "adoption": _("Adoption"),
        "cost": _("Costs"),
        "data": _("Data"),
        "invoices": _("Invoices"),
        "models": _("Models"),
        "overview": _("Overview"),
        "plans": _("Plans"),
        "reference": _("Reference"),
        "self": _("Your own use"),
    }


def metrics(area: str, pages: tuple[Page, ...], board: Board) -> Card | Empty:
    """Every metric of an area: meaning, rows, columns with units, the SQL itself."""
    asked = [q for q in catalogue().values() if q.area == area]
    used = _pages_by_query(pages)
    finding = ngettext(
        "{n} query; open it for its columns and SQL.", "{n} queries; open one for its columns and SQL.", len(asked)
    )
    entries = tag("div", [_metric(board, q, used[q.name]) for q in asked], class_="metrics")
    columns = [
        Column("query", _("Query")),
        Column("title", _("Title")),
        Column("column", _("Column")),
        Column("type", _("Type")),
        Column("unit", _("Unit of measure")),
        Column("about", _("Meaning")),
    ]
    rows = [
        {"query": q.name, "title": q.title, "column": c.name, "type": c.type, "unit": c.unit, "about": c.about}
        for q in asked
        for c in q.columns
    ]
    title = area_titles().get(area, area.capitalize())
    return Card(title, finding, [entries], Sheet(columns, rows), as_of=board.facts.through, is_table=True)


def _pages_by_query(pages: tuple[Page, ...]) -> defaultdict[str, list[Page]]:
    found: defaultdict[str, list[Page]] = defaultdict(list)
    for page in pages:
        for name in sorted({name for spec in page.specs for name in queries_of(spec.build)}):
            found[name].append(page)
    return found


def _metric(board: Board, query: Query, pages: list[Page]) -> Markup:
    links = [tag("a", p.title(), href=board.view.link(p.path)) for p in pages]
    about = tag("p", own(query.about))
    grain = tag("p", tag("small", _("Rows:"), " "), own(query.grain))
    where = tag("p", tag("small", _("Shown on:"), " "), _listed(links), class_="where") if links else None
    inside = _inside(query.name, language())
    heading = tag("h3", own(query.title), " ", tag("code", query.name))
    return tag("article", heading, about, grain, where, inside, class_="metric", id=query.name.replace("/", "-"))


@lru_cache(maxsize=512)  # of the code alone: it is the same for every version of the data and every reader
def _inside(name: str, _language: str) -> Markup:
    query = catalogue()[name]
    summary = tag("summary", tag("span", _("Columns and SQL")), tag("span", f": {query.title}", class_="unseen"))
    return tag("details", summary, tag("div", _columns(query), _sql(query), class_="disclosed"))


def _listed(links: list[Markup]) -> Markup:
    return join([part for link in links for part in (", ", link)][1:])


def _columns(query: Query) -> Markup:
    kinds = {"persons": _("persons; small groups are hidden")}
    rows = [
        tag(
            "tr",
            tag("th", tag("code", c.name), scope="row"),
            tag("td", kinds.get(c.unit, c.unit)),
            tag("td", c.type),
            tag("td", c.about, lang="en"),
        )
        for c in query.columns
    ]
    titles = (_("Column"), _("Unit of measure"), _("Type"), _("Meaning"))
    head = tag("tr", [tag("th", title, scope="col") for title in titles])
    caption = tag("caption", f"{_('Columns')}: {query.name}", class_="unseen")
    drawn = tag("table", caption, tag("thead", head), tag("tbody", rows), class_="sheet")
    return tag("div", drawn, class_="scroll", tabindex="0", role="region", aria_label=f"{_('Columns')}: {query.name}")


def _sql(query: Query) -> Markup:
    text = tag("code", query.sql, lang="en")
    return tag("pre", text, class_="sql", tabindex="0", role="region", aria_label=f"SQL: {query.name}")


def rules(board: Board) -> Card:
    """What holds for every figure: time, money, small groups, and the data version."""
    settings = board.facts.settings
    remarks = [
        _("Days are local days of {zone}; ranges hold their first day and not their end.", zone=board.facts.zone),
        _("Persons are counted once each, by keyed pseudonyms; an active user has made a successful request."),
        _("Trailing windows hold 28 days, so that each holds the same weekdays."),
        _("Money is exact from the source to the screen and rounded once, when shown."),
        _("Metered cost is the gateway's estimate before tax, in CZK at the central bank's rate of each day."),
        _("Billed cost comes from invoices, spread over the days they pay for; never mixed with metered cost."),
        _("What belongs to no unit stands on a line of its own and is never spread silently."),
        hidden_note(board.facts.minimum_group)
        + " "
        + _("Further figures are hidden where a small one could be had by subtraction."),
        _("No message content is ever read; persons are counted, never named."),
    ]
    columns = [Column("key", _("Setting")), Column("value", _("Value"))]
    sheet = Sheet(columns, [{"key": k, "value": v} for k, v in sorted(settings.items())])
    finding = _("Data version {version}", version=board.facts.version.removeprefix("warehouse-"))
    title = _("Which rules hold for every figure?")
    contents = tag("nav", [tag("a", t, href=f"#metrics-{a}") for a, t in _areas()], class_="contents", aria_label=title)
    return Card(
        title, finding, [bullet_list(remarks), contents], sheet, ("reference/settings",), as_of=board.facts.through
    )


def _areas() -> list[tuple[str, str]]:
    titles = area_titles()
    return [(area, titles.get(area, area.capitalize())) for area in AREAS]


def rates(board: Board) -> Card | Empty:
    """The exchange rates used in the period."""
    title = _("At which rates was money converted?")
    rows = [
        r
        for r in board.ask("reference/rates", start=board.period.start, end=board.period.end)
        if r["currency"] != "CZK"
    ]
    if not rows:
        return Empty(title, _("No rate is known for this period"), _("Try a longer period."))
    courses = {code: list(found) for code, found in groupby(sorted(rows, key=_by_currency), lambda r: r["currency"])}
    days = sorted({r["day"] for r in rows})
    series = [Line(code, _over(days, found), theme.colour(i)) for i, (code, found) in enumerate(courses.items())]
    said = [_rate_said(code, found[-1]) for code, found in courses.items()]
    finding = _("On the last day: {rates}.", rates="; ".join(said))
    columns = [
        Column("day", _("Day"), "day"),
        Column("currency", _("Currency")),
        Column("czk_per_unit", _("CZK for one"), "rate"),
        Column("published_day", _("Published for"), "day"),
        Column("origin", _("Source")),
    ]
    figure = figures.courses(days, series, height=230)
    picture = chart("rates", figure, alt=finding, height=230)
    sheet = Sheet(columns, sorted(rows, key=lambda r: (r["day"], r["currency"]), reverse=True))
    note = _("For each day the rate last published on or before it holds.")
    return Card(title, finding, [picture], sheet, ("reference/rates",), note=note)


def _rate_said(code: str, row: Row) -> str:
    """'1 USD = 24,661 Kč', which is never broken."""
    return f"1 {code} = {fmt.money(row['czk_per_unit'], decimals=3)}".replace(" ", fmt.NBSP)


def _by_currency(row: Row) -> tuple[str, object]:
    return row["currency"], row["day"]


def _over(days: list[object], rows: list[Row]) -> list[object]:
    known = {r["day"]: r["czk_per_unit"] for r in rows}
    return [known.get(day) for day in days]


def page(others: tuple[Page, ...]) -> Page:
    """The page, with links to the `others` that use each metric."""
    return Page(
        path="/methodology",
        name="methodology",
        icon="methodology",
        title=lambda: _("Methodology"),
        has_unit=False,
        specs=(
            Spec("rules", rules, 6),
            Spec("rates", rates, 6),
            Spec("definitions-changed", changes, 6),
            Spec("privacy", privacy, 6),
            Spec("prices", prices),
            *(Spec(f"metrics-{area}", partial(metrics, area, others)) for area in AREAS),
        ),
    )
