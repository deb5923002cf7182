"""Plans that can be bought: what the shipped file and one's own say, and what is refused with file, line and value."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from etl.errors import InputError
from etl.sources.plan_catalogue import Plan, plans_in, read_plans
from etl.tables import PLAN

BASE = {
    "plan": "edu", "valid_from": "", "valid_to": "", "name": "Edu", "vendor": "V", "kind": "chat", "currency": "usd",
    "seat_fee": "20", "billing_months": "", "minimum_seats": "", "maximum_seats": "", "commitment_months": "",
    "is_removable": "", "includes": "unlimited", "allowance": "", "is_pooled": "", "reset": "", "overage": "",
    "overage_price": "", "discount": "", "source": "offer", "source_day": "", "certainty": "high", "note": "",
}  # fmt: skip
Read = Callable[..., list[Plan]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A function that gives the plans of an own plans.csv whose lines differ from BASE in the given columns."""

    def plans(*lines: dict[str, str]) -> list[Plan]:
        rows = [",".join(BASE), *(",".join((BASE | line).values()) for line in lines)]
        (tmp_path / "plans.csv").write_text("\n".join(rows) + "\n", "utf-8")
        return plans_in(tmp_path / "plans.csv")

    return plans


def test_a_plan_that_says_little_has_its_defaults_and_no_price_of_0(read: Read) -> None:
    [plan] = read({"seat_fee": ""})
    assert asdict(plan) == {
        "plan": "edu", "valid_from": date(1970, 1, 1), "valid_to": None, "name": "Edu", "vendor": "V", "kind": "chat",
        "currency": "USD", "seat_fee": None, "billing_months": 1, "minimum_seats": 0, "maximum_seats": None,
        "commitment_months": 0, "is_removable": None, "includes": "unlimited", "allowance": None, "is_pooled": False,
        "reset": None, "overage": "blocked", "overage_price": None, "discount": Decimal(0), "source": "offer",
        "source_day": None, "certainty": "high", "note": None,
    }  # fmt: skip
    assert list(asdict(plan)) == PLAN.schema.names


def test_a_plan_with_everything_is_read_as_it_stands(read: Read) -> None:
    [plan] = read(
        {"includes": "Credits", "allowance": "1900", "reset": "month", "is_pooled": "true", "overage": "metered",
         "overage_price": "0.01", "discount": "0.15", "billing_months": "12", "minimum_seats": "5",
         "maximum_seats": "150", "commitment_months": "12", "is_removable": "no", "source_day": "2026-10-01",
         "note": "asked ann@cuni.cz"}
    )  # fmt: skip
    assert (plan.includes, plan.allowance, plan.reset, plan.is_pooled) == ("credits", Decimal(1900), "month", True)
    assert (plan.overage_price, plan.discount, plan.billing_months) == (Decimal("0.01"), Decimal("0.15"), 12)
    assert (plan.minimum_seats, plan.maximum_seats, plan.is_removable) == (5, 150, False)
    assert plan.note == "asked …@…"


@pytest.mark.parametrize(
    ("column", "value", "allowed"),
    [
        ("plan", "Edu plan", "a code of letters"),
        ("kind", "seat", "gateway, chat, coding, copilot"),
        ("currency", "dollars", "three letters"),
        ("seat_fee", "-1", "0 or more"),
        ("seat_fee", "1,200", "a number with a decimal point"),
        ("billing_months", "6", "1, 3, 12"),
        ("minimum_seats", "1.5", "a whole number"),
        ("includes", "tokens", "none, credits, messages, usd, unlimited"),
        ("allowance", "5", "nothing, since includes is 'unlimited'"),
        ("overage", "free", "blocked, metered"),
        ("discount", "15", "a share from 0 to 1"),
        ("certainty", "sure", "high, medium, low"),
        ("source", "", "it may not be empty"),
        ("valid_to", "1969-01-01", "a later day than valid_from"),
        ("is_removable", "maybe", "true or false"),
    ],
)
def test_a_wrong_value_is_refused_with_file_line_and_choices(read: Read, column: str, value: str, allowed: str) -> None:
    value = f'"{value}"' if "," in value else value
    with pytest.raises(InputError) as refused:
        read({}, {"plan": "other", column: value})
    assert f"plans.csv line 3, {column}" in str(refused.value)
    assert allowed in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"includes": "credits", "allowance": "5"}, "reset"),
        ({"includes": "credits", "allowance": "0", "reset": "month"}, "allowance"),
        ({"minimum_seats": "5", "maximum_seats": "4"}, "maximum_seats"),
    ],
)
def test_values_that_do_not_fit_each_other_are_refused(read: Read, changes: dict[str, str], column: str) -> None:
    with pytest.raises(InputError, match=f"line 2, {column}"):
        read(changes)


def test_terms_that_change_stand_on_lines_of_their_own_and_must_not_overlap(read: Read) -> None:
    assert len(read({"valid_to": "2026-07-01"}, {"valid_from": "2026-07-01"})) == 2
    assert len(read({}, {"valid_from": "2026-07-01"})) == 2  # the open one ends where the later one starts
    for second in ({}, {"valid_from": "2026-06-30"}):
        with pytest.raises(InputError, match="line 3, valid_from"):
            read({"valid_to": "2026-07-01"}, second)


def test_the_own_file_replaces_a_plan_with_all_its_terms_and_leaves_the_others(tmp_path: Path) -> None:
    shipped = read_plans(tmp_path)
    line = BASE | {"plan": "ChatGPT-Edu", "seat_fee": "55.5", "currency": "CZK"}
    (tmp_path / "plans.csv").write_text("\n".join([",".join(BASE), ",".join(line.values())]), "utf-8")
    plans = read_plans(tmp_path)
    assert [p.plan for p in plans] == [p.plan for p in shipped]
    assert [(p.seat_fee, p.currency) for p in plans if p.plan == "chatgpt-edu"] == [(Decimal("55.5"), "CZK")]


def test_the_shipped_plans_say_where_and_when_they_were_read_and_never_0_for_unknown(tmp_path: Path) -> None:
    plans = {p.plan: p for p in read_plans(tmp_path)}
    assert {"gateway", "chatgpt-edu", "claude-enterprise", "m365-copilot-academic"} <= set(plans)
    assert [p.plan for p in plans.values() if p.source_day is None] == []
    assert {code for code, p in plans.items() if p.seat_fee == 0} == {
        "gateway", "chatgpt-business-codex", "gemini-education",
    }  # fmt: skip
    assert plans["chatgpt-edu"].seat_fee is None
    assert plans["claude-enterprise"].includes == "none"
