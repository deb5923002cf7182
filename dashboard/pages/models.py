"""Models: what is used, what it costs, what fails: which models to keep?"""

from typing import Any

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.cards import Card, Empty, Page, Spec
from dashboard.components import Bar, hidden_note, ranked_bars
from dashboard.language import _
from dashboard.pages.model_cards import cost_and_people, movers, rank_by_month, substitution
from dashboard.pages.model_quality import quality
from dashboard.pages.model_rules import errors, list_cost, policy
from dashboard.pages.model_share import model_share
from dashboard.pages.shared_cards import known, model_colour, part
from dashboard.sheets import Column, Sheet, table

MILLION = 10**6


def usage(board: Board) -> list[Row]:
    """Rows of models/usage with persons (whole university only), price per million tokens, failures and change."""
    people = {}
    if board.unit == board.facts.root:
        people = {r["model"]: r["active_persons"] for r in board.over_period("adoption/active_by_model", units=())}
    rows = with_before(board, board.over_period("models/usage"))
    return [
        {
            **r,
            "persons": people.get(r["model"]),
            "usd_per_million": price_per_million(r),
            "failure_share": part(r["failures"], r["requests"] + r["failures"]),
            "change": _moved(board, r),
        }
        for r in sorted(rows, key=lambda r: -r["requests"])
    ]


def with_before(board: Board, rows: list[Row]) -> list[Row]:
    """The rows with `requests_before` of the days compared with; the query itself knows the days just before only."""
    if board.compare == "previous" or board.before is None or not board.has_before:
        return rows
    start, end = board.before
    then = {r["model"]: r["requests"] for r in board.ask("models/usage", units=[board.unit], start=start, end=end)}
    return [{**r, "requests_before": then.get(r["model"], 0)} for r in rows]


def price_per_million(row: Row) -> Any:
    """Metered USD per million billed tokens; None where the cost of any request is unknown."""
    is_known = row["metered_usd"] is not None and not row["requests_without_cost"] and row["billed_tokens"]
    return row["metered_usd"] * MILLION / row["billed_tokens"] if is_known else None


def _moved(board: Board, row: Row) -> str:
    return (fmt.change(row["requests"], row["requests_before"]) if board.has_before else None) or fmt.NONE


def _nothing(title: str) -> Empty:
    return Empty(title, _("No requests in this selection"), _("Try a longer period or another unit."))


def every_model(board: Board) -> Card | Empty:
    """All models in one table."""
    title = _("What does each model do and cost?")
    rows = usage(board)
    if not rows:
        return _nothing(title)
    columns = [
        Column("title", _("Model")),
        Column("provider", _("Provider"), "provider"),
        Column("requests", _("Requests"), "count", bar=True),
        Column("request_share", _("Share"), "share"),
        Column("change", _("Change"), "change"),
        Column("billed_tokens", _("Tokens"), "compact"),
        Column("metered_czk", _("Metered cost"), "czk"),
        Column("usd_per_million", _("USD per 1M tokens"), "usd"),
        Column("persons", _("Persons"), "count"),
        Column("failure_share", _("Failures"), "share"),
    ]
    if board.unit != board.facts.root:
        columns = [c for c in columns if c.key != "persons"]
    sheet = Sheet(columns, rows)
    unmapped = [r["title"] for r in rows if not r["is_mapped"]]
    note = _("Requests of people and of service accounts.") + " "
    note += _("Change against {what}.", what=board.before_said) + " " if board.has_before else ""
    if unmapped:
        note += _("Not in the reference list: {names}.", names=", ".join(unmapped))
    queries = ("models/usage", "adoption/active_by_model")
    return Card(title, _failure_finding(rows), [table(sheet, caption=title)], sheet, queries, note=note, is_table=True)


def _knows_people(rows: list[Row]) -> bool:
    return any(r["persons"] is not None for r in rows)


def _failure_finding(rows: list[Row]) -> str:
    worst = max(rows, key=lambda r: r["failure_share"])
    if not worst["failure_share"]:
        return _("No request failed.")
    return _(
        "{model} fails most often: {share} of its requests.",
        model=worst["title"],
        share=fmt.share(worst["failure_share"], 1),
    )


def by_people(board: Board) -> Card | Empty:
    """How many persons each model reaches."""
    title = _("How many people does each model reach?")
    rows = sorted(
        board.over_period("adoption/active_by_model", units=()), key=lambda r: -(known(r["active_persons"]) or 0)
    )
    if not rows:
        return _nothing(title)
    peak = max((known(r["active_persons"]) or 0 for r in rows), default=0)
    bars = [
        Bar(
            r["title"],
            "",
            fmt.number(r["active_persons"]),
            "",
            part(r["active_persons"], peak),
            colour=model_colour(board, r["model"]),
        )
        for r in rows
    ]
    columns = [Column("title", _("Model")), Column("active_persons", _("Persons"), "count")]
    finding = _(
        "{model} reaches the most people: {n}.", model=rows[0]["title"], n=fmt.number(rows[0]["active_persons"])
    )
    is_hidden = any(isinstance(r["active_persons"], fmt.Hidden) for r in rows)
    note = _("People who used more models count at each. For the whole university.")
    note += " " + hidden_note(board.facts.minimum_group) if is_hidden else ""
    return Card(title, finding, [ranked_bars(bars)], Sheet(columns, rows), ("adoption/active_by_model",), note=note)


def prices(board: Board) -> Card | Empty:
    """Effective price per million tokens."""
    title = _("What does a million tokens cost?")
    rows = sorted((r for r in usage(board) if r["usd_per_million"] is not None), key=lambda r: -r["usd_per_million"])
    if not rows:
        return _nothing(title)
    peak = rows[0]["usd_per_million"]
    bars = [
        Bar(
            r["title"],
            "",
            fmt.money(r["usd_per_million"], "USD", 2),
            "",
            part(r["usd_per_million"], peak),
            colour=model_colour(board, r["model"]),
        )
        for r in rows
    ]
    columns = [
        Column("title", _("Model")),
        Column("billed_tokens", _("Tokens"), "compact"),
        Column("usd_per_million", _("USD per 1M tokens"), "usd"),
    ]
    # a model that writes nothing, as one for embeddings does, is no alternative to those that answer
    paid = [r for r in rows if r["usd_per_million"] > 0 and r["persons"] is not None] if _knows_people(rows) else []
    finding = ""
    if len(paid) > 1:
        times = fmt.number(paid[0]["usd_per_million"] / paid[-1]["usd_per_million"])
        finding = _(
            "{dear} costs {times} times as much as {cheap}.",
            dear=paid[0]["title"],
            times=times,
            cheap=paid[-1]["title"],
        )
    note = _("As metered, before tax; input, cached and output tokens together.")
    return Card(title, finding, [ranked_bars(bars)], Sheet(columns, rows), ("models/usage",), note=note)


PAGE = Page(
    path="/models",
    name="models",
    icon="models",
    title=lambda: _("Models"),
    filters=frozenset({"compare", "channel", "currency"}),
    specs=(
        Spec("models-share", lambda board: model_share(board, "models-share")),
        Spec("models-table", every_model),
        Spec("model-quality", lambda board: quality(board, usage(board))),
        Spec("policy", policy, 7),
        Spec("errors", errors, 5),
        Spec("model-ranks", rank_by_month, 7),
        Spec("movers", lambda board: movers(board, usage(board)), 5),
        Spec("cost-and-people", lambda board: cost_and_people(board, usage(board)), 7),
        Spec("substitution", lambda board: substitution(board, usage(board)), 5),
        Spec("models-people", by_people, 6),
        Spec("models-prices", prices, 6),
        Spec("list-cost", list_cost),
    ),
)
