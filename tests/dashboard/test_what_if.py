"""What a reader assumes about plans: from the address and back into it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.view import View, parsed
from dashboard.what_if import SAVED, changed, packed, read, unpacked


def view_of(query: str) -> View:
    """The view of an address of the page of plans."""
    return parsed("/plans", query, cookies={}, default_language="en")


def test_a_link_reproduces_every_assumption() -> None:
    query = ("plan=claude-team&plan2=chatgpt-edu&discount=12.5&rate=23.1&growth=-20&people=50&mix=10&seats=150&vat=part"
             "&months=6&join=MFF,P%C5%99F&keep=growth:50!discount:10;seat:300")  # fmt: skip
    view = view_of(query)
    assert view.refused == ()
    assert dict(view.what_if)["discount"] == "12.5"
    again = view_of(view.link().partition("?")[2])
    assert (again.what_if, again.refused) == (view.what_if, ())
    assert len(view.what_if) == 12


@given(st.dictionaries(st.sampled_from(["discount", "rate", "growth", "people", "mix", "seats"]),
                       st.decimals(-1000, 2000, places=4)))  # fmt: skip
def test_a_number_is_kept_in_one_form_or_refused(numbers: dict[str, object]) -> None:
    refused: list[str] = []
    kept = read({k: str(v) for k, v in numbers.items()}, refused)
    assert read(dict(kept), []) == kept
    assert {k for k, _v in kept} <= set(numbers)
    assert len(refused) <= len(numbers)


@pytest.mark.parametrize(
    "query",
    ["plan=<script>", "discount=91", "discount=-1", "rate=0", "rate=NaN", "growth=much", "people=1e9", "seats=-5",
     "mix=Infinity", "vat=half", "months=7", "join=a;b", "keep=x", "keep=growth", "keep=growth:a",
     "keep=growth:5!nothing:3"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(query: str) -> None:
    view = view_of(query)
    assert (view.what_if, view.refused) == ((), (query,))


def test_defaults_are_left_out() -> None:
    assert view_of("growth=0&people=0.0&mix=-0&discount=0&plan=&seats=").what_if == ()
    assert view_of("growth=5,5&seats=12,4").what_if == (("growth", "5.5"), ("seats", "12"))


def test_a_saved_scenario_is_one_value_of_the_address() -> None:
    text = packed((("growth", "50"), ("discount", "10"), ("keep", "mix:5")))
    assert text == "growth:50!discount:10"
    assert unpacked(text) == (("growth", "50"), ("discount", "10"))
    view = view_of("keep=" + ";".join(f"growth:{n}" for n in range(10, 10 + SAVED + 3)))
    assert dict(view.what_if)["keep"].count(";") == SAVED - 1
    assert len(view.refused) == 1


def test_a_change_keeps_the_order_and_none_leaves_out() -> None:
    given = (("plan", "a"), ("growth", "5"), ("keep", "mix:5"))
    assert changed(given, rate="20", growth=None) == (("plan", "a"), ("rate", "20"), ("keep", "mix:5"))
