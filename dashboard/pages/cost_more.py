"""Further cards of Costs: keys and projects, days out of the ordinary."""

from decimal import Decimal

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import Bar, bullet_list, ranked_bars
from dashboard.language import _, ngettext
from dashboard.markup import Child, tag
from dashboard.pages.shared_cards import part, total
from dashboard.sheets import Column, Sheet

KEYS_SHOWN = 12
DAYS_SHOWN = 4


def key_kinds() -> dict[str, str]:
    """{kind of key: its name}."""
    return {
        "chat": _("the chat"),
        "service": _("service account"),
        "team": _("team"),
        "personal": _("keys of single persons"),
        "key": _("key of nobody known"),
        "unlisted": _("keys the gateway does not list"),
        "none": _("requests without a key"),
    }


def by_key(board: Board) -> Card | Empty:
    """The last step of the drill: project keys, teams and services of the chosen unit."""
    title = _("Which keys and projects does it go to?")
    rows = board.over_period("cost/by_key")
    amount = total(rows, "metered_czk")
    if not rows or not amount:
        return Empty(title, _("No cost in this period"), _("Try a longer period or another unit."))
    rows = sorted(rows, key=lambda r: -r["metered_czk"])
    lines = [{**r, "label": _key_name(r), "what": key_kinds().get(r["kind"], r["kind"])} for r in rows]
    peak = rows[0]["metered_czk"]
    bars = [
        Bar(r["label"], r["what"] if r["what"] != r["label"] else "", fmt.money(r["metered_czk"], decimals=0),
            fmt.share(part(r["metered_czk"], amount)), part(r["metered_czk"], peak), is_special=r["kind"] in _LOOSE)
        for r in lines[:KEYS_SHOWN]
    ]  # fmt: skip
    columns = [
        Column("label", _("Key or project")),
        Column("what", _("Kind")),
        Column("requests", _("Requests"), "count"),
        Column("failures", _("Failures"), "count"),
        Column("metered_czk", _("Metered cost"), "czk"),
        Column("metered_usd", _("Metered cost, USD"), "usd"),
        Column("last_day", _("Last used"), "day"),
    ]
    services = total([r for r in rows if r["kind"] in ("service", "team")], "metered_czk")
    finding = _(
        "{share} goes through named services and teams, the rest through the chat and the keys of persons.",
        share=fmt.share(part(services, amount)),
    )
    note = _("Keys of single persons are one line: nobody is named. A person with several units pays from the first.")
    return Card(title, finding, [ranked_bars(bars)], Sheet(columns, lines), ("cost/by_key",), note=note)


_NAMED = ("service", "team", "key")
_LOOSE = ("unlisted", "none")


def _key_name(row: Row) -> str:
    return str(row["name"]) if row["kind"] in _NAMED else key_kinds().get(row["kind"], str(row["name"]))


def anomalies(board: Board) -> Card | Empty:
    """Days whose cost was far from usual, with the model and the unit that drove it."""
    title = _("Which days were out of the ordinary?")
    rows = board.over_period("cost/anomalies")
    if not rows:
        return Empty(title, _("No day stands out"), _("Each day is compared with the same weekday of eight weeks."))
    ranked = sorted(rows, key=lambda r: (-abs(r["metered_czk"] - r["usual_czk"]), r["day"]))
    shown = ranked[:DAYS_SHOWN]
    driven = _drivers(board, shown)
    lines = [{**r, **driven.get(r["day"], {}), "difference": r["metered_czk"] - r["usual_czk"]} for r in ranked]
    columns = [
        Column("day", _("Day"), "day"),
        Column("metered_czk", _("Metered cost"), "czk"),
        Column("usual_czk", _("Usual for the weekday"), "czk"),
        Column("difference", _("Difference"), "czk"),
        Column("model", _("Driven by the model")),
        Column("child", _("Driven by the unit")),
    ]
    finding = ngettext(
        "{n} day differs from what its weekday usually costs.",
        "{n} days differ from what their weekday usually costs.",
        len(rows),
    )
    note = _(
        "Usual is the median of the same weekday in the eight weeks before; a day stands out when it is more than four "
        "robust standard deviations, half of the usual and 500 CZK away from it."
    )
    queries = ("cost/anomalies", "cost/anomaly_parts")
    said = bullet_list([_sentence(board, r) for r in lines[:DAYS_SHOWN]])
    return Card(title, finding, [said], Sheet(columns, lines), queries, note=note)


def _drivers(board: Board, days: list[Row]) -> dict[object, Row]:
    """{day: the model and the unit below that differ most from their usual, in the direction of the day}."""
    rows = board.ask("cost/anomaly_parts", units=[board.unit], chosen=tuple(str(r["day"]) for r in days))
    titles = {r["model"]: r["title"] for r in board.facts.models}
    found: dict[object, Row] = {}
    for day in days:
        sign = 1 if day["is_high"] else -1
        found[day["day"]] = {}
        for kind, key in (("model", "model"), ("unit", "child")):
            parts = [r for r in rows if r["day"] == day["day"] and r["kind"] == kind and r["difference_czk"] * sign > 0]
            if parts:
                most = max(parts, key=lambda r: (abs(r["difference_czk"]), r["part"]))
                name = titles.get(most["part"], most["part"]) if kind == "model" else board.unit_label(most["part"])
                found[day["day"]] |= {key: name, f"{key}_czk": most["difference_czk"], f"{key}_code": most["part"]}
    return found


def _sentence(board: Board, row: Row) -> Child:
    day = tag("a", fmt.day(row["day"]), href=board.view.link(first=row["day"], last=row["day"]))
    cost = _("{cost} instead of {usual}", cost=fmt.money(row["metered_czk"]), usual=fmt.money(row["usual_czk"]))
    reasons = [f"{row[key]} {_signed(row[f'{key}_czk'])}" for key in ("model", "child") if row.get(key) is not None]
    why = f" ({'; '.join(reasons)})" if reasons else ""
    return tag("span", day, f": {cost}{why}.")


def _signed(amount: Decimal) -> str:
    return ("+" if amount > 0 else "") + fmt.money(amount, decimals=0)
