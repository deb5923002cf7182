"""The Overview in three sentences: is it used, is it affordable, is it worth extending by seats?"""

from markupsafe import Markup

from dashboard import format as fmt
from dashboard.board import Board, Row
from dashboard.language import _
from dashboard.markup import join, tag
from dashboard.pages.budget_card import budgets
from dashboard.pages.plan_cards import answered
from dashboard.pages.plan_cards import title as seats_title
from dashboard.pages.plan_words import headline
from dashboard.pages.shared_cards import known
from dashboard.period import DAY
from queries.errors import ScopeError


def lead(board: Board, figures: dict[str, tuple[str, str | None]]) -> Markup:
    """Question and answer, each linked to its page. `figures` are those of the strip: {key: (value, change or None)}
    of active, adopted, habitual, spent and each."""
    said = [
        (_("Is it used?"), _used(figures), "/adoption"),
        (_("Is it affordable?"), _afforded(board, figures), "/costs"),
        (seats_title(), _worth(board), "/plans"),
    ]
    return tag("dl", [_answer(board, *one) for one in said if one[1]], class_="lead")


def _answer(board: Board, question: str, sentence: str, path: str) -> Markup:
    link = tag("a", question, href=board.view.link(path))
    return tag("div", tag("dt", link), tag("dd", sentence))


def _used(figures: dict[str, tuple[str, str | None]]) -> str:
    if figures["active"][0] in (fmt.NONE, "0"):
        return _("Nobody was active in this selection") + "."
    said = _("Active in 28 days: {n}{moved}", n=figures["active"][0], moved=_moved(figures["active"][1]))
    share, habit = figures["adopted"][0], figures["habitual"][0]
    if share != fmt.NONE:
        said += _(", which is {share} of those eligible", share=share)
    return said + "." + (" " + _("{share} of them come regularly.", share=habit) if habit != fmt.NONE else "")


def _afforded(board: Board, figures: dict[str, tuple[str, str | None]]) -> str:
    (cost, moved), (each, _change) = figures["spent"], figures["each"]
    said = _("In the period {cost}{moved}", cost=cost, moved=_moved(moved))
    said += _(", {each} per active user.", each=each) if each != fmt.NONE else "."
    held = [r for r in budgets(board) if r["unit"] == board.unit and known(r["spent_share"]) is not None]
    return said + (" " + _of_budget(board, held[0]) if held else "")


def _of_budget(board: Board, row: Row) -> str:
    said = _(
        "{share} of the budget is spent, {elapsed} of its time is gone",
        share=fmt.share(row["spent_share"]),
        elapsed=fmt.share(row["elapsed_share"]),
    )
    day = row["exhausted_day"]
    if day and day <= board.period.last:
        return said + _("; it was used up on {day}.", day=fmt.day(day))
    if day:
        return said + _("; at the present pace it lasts until {day}.", day=fmt.day(day))
    return said + _("; it is expected to last until {day}.", day=fmt.day(row["period_end"] - DAY))


def _worth(board: Board) -> str:
    """What the comparison with seats says; nothing where it can't be made or is not for this viewer."""
    try:
        both = answered(board)
    except ScopeError:
        return ""
    return headline(both[1]) if both else ""


def _moved(change: str | None) -> str:
    return f" ({change})" if change else ""


def compared(board: Board) -> Markup | None:
    """What the changes in the strip are measured against; nothing when there is nothing earlier."""
    if not board.has_before:
        return None
    said = _("Change against {what}.", what=board.before_said)
    if board.compare == "previous" and board.period.days != 28:
        said = _("Change: active people and adoption against 28 days earlier, the rest against {what}.",
                 what=board.before_said)  # fmt: skip
    return join([tag("p", said, class_="note compared")])
