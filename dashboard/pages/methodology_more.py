"""Further cards of Methodology: prices and their history, who may see what, when definitions changed."""

from collections import Counter
from itertools import groupby

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, own
from dashboard.components import bullet_list
from dashboard.language import _, ngettext
from dashboard.markup import Child, join, tag
from dashboard.pages.model_rules import price_kind
from dashboard.sheets import Column, Sheet, table
from queries.catalogue import catalogue
from queries.changelog import Entry, entries

OPEN_YEAR, FIRST_YEAR = 9999, 1970
DAYS_SHOWN = 10


def prices(board: Board) -> Card | Empty:
    """Prices of tokens with the days from and to which they hold."""
    title = _("Which prices per token were used?")
    rows = board.ask("reference/prices")
    if not rows:
        return Empty(title, _("No price is known"), _("Public prices come with a package, own ones from prices.csv."))
    titles = {r["model"]: r["title"] for r in board.facts.models}
    lines = [
        {
            **r,
            "title": titles.get(r["model"], r["model"]),
            "kind": price_kind(r["kind"]),
            "from": None if r["valid_from"].year == FIRST_YEAR else r["valid_from"],
            "to": None if r["valid_to"].year == OPEN_YEAR else r["valid_to"],
        }
        for r in rows
    ]
    lines.sort(key=lambda r: (r["title"], r["valid_from"]))
    columns = [
        Column("title", _("Model")),
        Column("input_usd", _("Input, USD"), "price"),
        Column("cached_usd", _("Cached, USD"), "price"),
        Column("cache_write_usd", _("Cache write, USD"), "price"),
        Column("output_usd", _("Output, USD"), "price"),
        Column("kind", _("Price"), "moment"),
        Column("from", _("From"), "day"),
        Column("to", _("Until"), "day"),
        Column("origin", _("Source"), "moment"),
    ]
    models = len({r["model"] for r in rows})
    changed = sum(1 for n in Counter(model for model, *_price in {_priced(r) for r in rows}).values() if n > 1)
    finding = ngettext("{n} model has a price", "{n} models have a price", models)
    finding += ngettext("; the price of {n} changed.", "; the prices of {n} changed.", changed) if changed else "."
    note = _(
        "USD per million tokens, before tax. A day is reckoned at the price that held on it; none is unknown, not 0."
    )
    sheet = Sheet(columns, lines)
    return Card(title, finding, [table(sheet, caption=title)], sheet, ("reference/prices",), note=note, is_table=True,
                as_of=board.facts.through)  # fmt: skip


def _priced(row: Row) -> tuple[object, ...]:
    """The model with what it costs, to tell a new price from a new row."""
    return tuple(row[key] for key in ("model", "input_usd", "cached_usd", "cache_write_usd", "output_usd"))


def privacy(board: Board) -> Card:
    """The rules that protect people, as this snapshot applies them."""
    n = board.facts.minimum_group
    remarks = [
        _("No prompt and no answer is ever read, let alone stored."),
        _(
            "People are keyed pseudonyms from the source on; "
            "what is shown here holds numbers that mean nothing elsewhere."
        ),
        _(
            "Fewer than {n} people are never shown as a number; people are counted in steps of {n}, right on average.",
            n=n,
        ),
        _("What a small count could be had from is hidden or stepped with it."),
        _("The same holds in tables, hovers, downloads, reports and over the command line."),
        _("Each reader sees the units their role allows; nothing a browser sends can widen that."),
        _("E-mail addresses, names and network addresses are not kept."),
    ]
    sheet = Sheet([Column("rule", _("Rule"), width=120)], [{"rule": text} for text in remarks])
    title = _("What protects people?")
    return Card(title, None, [bullet_list(remarks)], sheet, as_of=board.facts.through, is_table=True)


def changes(board: Board) -> Card | Empty:
    """When definitions were added, changed or removed, newest first."""
    title = _("How have the definitions changed?")
    found = entries()
    if not found:
        return Empty(title, _("Nothing is noted"))
    said = {"added": _("added"), "changed": _("changed"), "removed": _("removed")}
    days = [(day, list(group)) for day, group in groupby(sorted(found, key=_newest), lambda e: e.day)]
    items = [_day(group, said) for _when, group in days[:DAYS_SHOWN]]
    columns = [
        Column("day", _("Day"), "day"),
        Column("query", _("Query")),
        Column("what", _("Change")),
        Column("title", _("Title")),
        Column("digest", _("Mark of the definition")),
    ]
    rows = [{**vars(e), "what": said[e.change]} for e in sorted(found, key=_newest)]
    finding = _("The last change is of {day}.", day=fmt.day(days[0][0]))
    note = _("A definition is its title, meaning, rows and columns; each differs in its mark when one of these does.")
    return Card(title, finding, [tag("ul", items, class_="remarks")], Sheet(columns, rows), note=note,
                as_of=board.facts.through)  # fmt: skip


def _newest(entry: Entry) -> tuple[int, str]:
    return -entry.day.toordinal(), entry.query


def _day(group: list[Entry], said: dict[str, str]) -> Markup:
    """One day: changed and removed ones by name, added ones by their number where they are many."""
    parts: list[Child] = []
    for change, name in said.items():
        of_kind = [e for e in group if e.change == change]
        if len(of_kind) > 5:
            parts.append(f"{name}: " + ngettext("{n} definition", "{n} definitions", len(of_kind)))
        elif of_kind:
            parts.append(join([f"{name}: ", *_names(of_kind)]))
    between = [piece for part in parts for piece in ("; ", part)][1:]
    return tag("li", tag("b", fmt.day(group[0].day)), " ", *between)


def _names(group: list[Entry]) -> list[Child]:
    links: list[Child] = [
        tag("a", own(e.title), href=f"#{e.query.replace('/', '-')}") if e.query in catalogue() else own(e.title)
        for e in group
    ]
    return [piece for link in links for piece in (", ", link)][1:]
