"""Further cards of Models: what goes wrong, what is used against the rules, what self-hosted models would cost."""

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty
from dashboard.components import Option, notice, options
from dashboard.language import _, ngettext
from dashboard.pages.shared_cards import part, total
from dashboard.sheets import Column, Sheet, table

SHOWN = 12


def errors(board: Board) -> Card | Empty:
    """Failed requests by model and class of error."""
    title = _("What goes wrong, and where?")
    rows = board.ask("models/errors", start=board.period.start, end=board.period.end)
    if not rows:
        return Empty(title, _("No request failed in this period"))
    failed = total(rows, "failures")
    worst = rows[0]
    finding = _(
        "{n} requests failed; the most frequent error is {error} at {model}: {share} of its requests.",
        n=fmt.number(failed),
        error=error_name(worst["error_class"]),
        model=worst["title"],
        share=fmt.share(worst["failure_share"], 1),
    )
    columns = [
        Column("title", _("Model")),
        Column("error", _("Error")),
        Column("failures", _("Failures"), "count", bar=True),
        Column("failure_share", _("Of the model's requests"), "share"),
    ]
    lines = [{**r, "error": error_name(r["error_class"])} for r in rows]
    sheet = Sheet(columns, lines)
    picture = table(Sheet(columns[:3], lines[:SHOWN]), caption=title)
    note = _("Of the whole university, as the gateway names the errors.")
    return Card(title, finding, [picture], sheet, ("models/errors",), note=note)


def error_name(error_class: str) -> str:
    """A class of error as the gateway names it; unknown where it does not say."""
    return _("unknown error") if error_class == "unknown" else error_class


def policy(board: Board) -> Card | Empty:
    """Use against the rules first: banned models, models nobody has judged, then the data each model may be given."""
    title = _("Is anything used that should not be?")
    rows = board.over_period("models/policy")
    if not rows:
        return Empty(title, _("No requests in this selection"), _("Try a longer period or another unit."))
    banned = [r for r in rows if r["policy"] == "banned"]
    unjudged = [r for r in rows if r["policy"] is None]
    said = {"banned": _("banned"), "allowed": _("allowed"), None: _("not stated")}
    columns = [
        Column("title", _("Model")),
        Column("rule", _("Policy")),
        Column("data", _("Data up to")),
        Column("requests", _("Requests"), "count"),
        Column("request_share", _("Share"), "share"),
        Column("metered_czk", _("Metered cost"), "czk"),
    ]
    lines = [{**r, "rule": said.get(r["policy"], r["policy"]), "data": data_name(r["data_category"])} for r in rows]
    lines.sort(key=lambda r: (r["policy"] != "banned", r["policy"] is not None, -r["requests"], r["model"]))
    sheet = Sheet(columns, lines)
    drawn = Sheet([c for c in columns if c.key != "metered_czk"], lines)  # in the files alone: there is no room for it
    picture = table(drawn, caption=title, current=lambda r: r["policy"] == "banned")
    warning = [notice("bad", _("Banned models were used."), _banned(banned))] if banned else []
    finding = _policy_finding(banned, unjudged)
    note = _("Policy and data category stand in models.csv. Use of a banned model is always shown.")
    return Card(title, finding, [*warning, picture], sheet, ("models/policy",), note=note, is_table=True)


def _banned(rows: list[Row]) -> str:
    asked = [_("{model}: {n} requests", model=r["title"], n=fmt.number(r["requests"])) for r in rows]
    return "; ".join(asked) + "."


def _policy_finding(banned: list[Row], unjudged: list[Row]) -> str:
    if banned:
        return _(
            "{share} of requests went to banned models.",
            share=fmt.share(sum(r["request_share"] or 0 for r in banned), 1),
        )
    if unjudged:
        return ngettext(
            "{n} model in use has no stated policy.", "{n} models in use have no stated policy.", len(unjudged)
        )
    return _("Every model in use is allowed.")


def data_name(category: str | None) -> str:
    """A data category as people write it."""
    names = {"public": _("public"), "internal": _("internal"), "sensitive": _("sensitive")}
    return names.get(category or "", _("not stated"))


def list_cost(board: Board) -> Card | Empty:
    """What the tokens of each model cost at list price: self-hosted models beside commercial ones."""
    title = _("What would self-hosted use cost elsewhere?")
    rows = [r for r in board.over_period("models/list_cost") if r["billed_tokens"]]
    own = [r for r in rows if r["hosting"] == "self_hosted"]
    if not own:
        return Empty(title, _("No self-hosted model was used"), _("Try a longer period or another unit."))
    priced = [r for r in own if r["list_usd"] is not None]
    unknown = [r["title"] for r in own if r["list_usd"] is None]
    kinds = {r["model"]: r["kind"] for r in board.ask("reference/prices")}
    columns = [
        Column("title", _("Model")),
        Column("hosted", _("Hosting")),
        Column("kind", _("Price")),
        Column("billed_tokens", _("Tokens"), "compact"),
        Column("metered_usd", _("Metered cost, USD"), "usd"),
        Column("list_usd", _("At list price, USD"), "usd"),
        Column("cost_avoidance_usd", _("Cost avoided, USD"), "usd"),
    ]
    hosted = {"self_hosted": _("self-hosted"), "commercial": _("commercial")}
    lines = [
        {**r, "hosted": hosted.get(r["hosting"], _("unknown")), "kind": price_kind(kinds.get(r["model"]))}
        for r in sorted(rows, key=lambda r: (r["hosting"] != "self_hosted", -(r["list_usd"] or 0), r["model"]))
    ]
    finding = _cost_finding(priced, unknown)
    ways = _ways(rows, priced)
    note = _("What the hardware of self-hosted models costs is not taken off. A missing price is unknown, not zero.")
    return Card(
        title, finding, [options(ways)], Sheet(columns, lines), ("models/list_cost", "reference/prices"), note=note
    )


def _cost_finding(priced: list[Row], unknown: list[str]) -> str:
    said = []
    if priced:
        amount = sum(r["cost_avoidance_usd"] or 0 for r in priced)
        said.append(_("Elsewhere it would have cost {amount} more than metered.", amount=fmt.money(amount, "USD")))
    if unknown:
        said.append(_("No price is known for {names}.", names=", ".join(unknown)))
    return " ".join(said)


def _ways(rows: list[Row], priced: list[Row]) -> list[Option]:
    """The largest self-hosted models at their price elsewhere, and all commercial use as metered, on one scale."""
    bought = total([r for r in rows if r["hosting"] == "commercial"], "metered_usd")
    largest = sorted(priced, key=lambda r: -r["list_usd"])[:4]
    peak = max([bought, *(r["list_usd"] for r in largest)], default=0)
    ways = [
        Option(r["title"], fmt.money(r["list_usd"], "USD"), part(r["list_usd"], peak), _("self-hosted"), True,
               _("metered {cost}", cost=fmt.money(r["metered_usd"], "USD")))
        for r in largest
    ]  # fmt: skip
    return [*ways, Option(_("All commercial models, as metered"), fmt.money(bought, "USD"), part(bought, peak))]


def price_kind(kind: str | None) -> str:
    """Where a price comes from, as people write it."""
    names = {"list": _("list price"), "internal": _("negotiated price"), "shadow": _("shadow price")}
    return names.get(kind or "", _("unknown"))
