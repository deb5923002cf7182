"""The study of plans through the one door: what is asked, what is answered, and what is kept back."""

from collections.abc import Callable, Mapping, Sequence
from csv import writer
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest

from queries.analysis.plan import Plan
from queries.errors import ScopeError
from queries.plan_answer import Asked, Study
from queries.reader import Reader, Scope
from queries.warehouse import Warehouse
from tests.queries.snapshots import SHARED, snapshot_folder

ALL = Scope(("UK",), "university")
SEPTEMBER, NOVEMBER = date(2026, 9, 1), date(2026, 11, 1)
OWN = Plan("own", name="Own", currency="USD", seat_fee=Decimal(20))
RATE = Decimal(20)
SETTINGS = (("root_unit", "UK"), ("minimum_group", 5), ("data_through_day", "2026-11-22"))
PLAN_COLUMNS = (
    "plan,valid_from,valid_to,name,vendor,kind,currency,seat_fee,billing_months,minimum_seats,commitment_months,"
    "includes,is_pooled,overage,discount,source,certainty"
)
Rows = Sequence[Sequence[object]]
Make = Callable[..., Callable[..., Study]]


def month_rows(costs: Mapping[int, Sequence[object]], unit: str = "MFF", role: str = "student") -> list[list[object]]:
    """Rows of person_month: {person: dollars in September and October}."""
    months = ("2026-09-01", "2026-10-01")
    return [
        [month, person, unit, role, 3, 10, 1000, usd, Decimal(str(usd)) * RATE]
        for person, spent in costs.items()
        for month, usd in zip(months, spent, strict=False)
    ]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A function that publishes a snapshot of these rows and gives a function that asks the study of it."""

    def made(
        people: Rows, *, plans: Rows = (), populations: Rows = (), rates: Rows | None = None, name: str = ""
    ) -> Any:
        source = tmp_path / name / "source"
        source.mkdir(parents=True)
        _table(source / "person_month.csv", "month_start,person_no,unit,role,active_days,user_requests,billed_tokens,"
               "metered_usd,metered_czk", people)  # fmt: skip
        known = [["2026-11-22", "USD", RATE, "2026-11-22", "cnb"]] if rates is None else rates
        _table(source / "rate_daily.csv", "day,currency,czk_per_unit,published_day,origin", known)
        _table(source / "population.csv", "unit,role,valid_from,valid_to,persons", populations)
        _table(source / "plan.csv", PLAN_COLUMNS, plans)
        _table(source / "setting.csv", "key,value", SETTINGS)
        folder = snapshot_folder(tmp_path / name, SHARED, source)
        reader = Reader(Warehouse(folder))

        def ask(
            asked: Asked | None = None, *, scope: Scope = ALL, units: Sequence[str] = ("UK",), **given: Any
        ) -> Study:
            months = {"start": SEPTEMBER, "end": NOVEMBER, **given}
            return reader.plan_study(scope, units=units, asked=asked or Asked(own_plan=OWN), **months)

        return ask

    return made


def _table(file: Path, head: str, rows: Rows) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer(out).writerows([head.split(","), *rows])


SIXTY = month_rows(dict.fromkeys(range(30), (60, 60)) | dict.fromkeys(range(30, 60), (4, 6)))


def test_the_study_of_a_price_that_stands_in_no_list(make: Make) -> None:
    found = make(SIXTY)()
    first = found.first
    assert first is not None
    assert first.mix is not None
    assert first.break_even is not None
    # thirty persons for 60 and thirty for 5 dollars a month, at 20 CZK: 1800 + 150 dollars
    assert (found.persons, found.by_use, found.months) == (60, 39000, (SEPTEMBER, date(2026, 10, 1)))
    assert (first.seat_czk, first.mix.czk, first.mix.holders) == (400, 15000, 30)  # 30 x 400 + 150 x 20
    assert first.all_seats == 24000
    assert (first.break_even.persons, first.coverage) == (30, 0.923)  # of 1950 dollars 1800
    assert first.savings_rate == 0.615  # 1 - 15000 / 39000
    assert first.ranges is not None
    assert first.ranges.mix_saves.p10 <= 24000 <= first.ranges.mix_saves.p90 * Decimal("1.1")
    # of 75 people 38 stand for the dear ones: 38 x 60 + 37 x 5 dollars
    assert [(a.percent, a.persons, a.by_use, a.cheapest) for a in found.adoptions] == [
        (0, 60, 39000, "mix"), (25, 75, 49300, "mix"), (50, 90, 58500, "mix"), (100, 120, 78000, "mix"),
    ]  # fmt: skip
    assert [p.end for p in found.people] == list(range(5, 65, 5))
    assert [p.by_use for p in found.people] == [1200] * 6 + [100] * 6


def test_it_agrees_with_the_metric_where_the_rate_never_changed(make: Make, tmp_path: Path) -> None:
    found = make(SIXTY)()
    row = Reader(Warehouse(tmp_path)).run("plans/comparison", ALL, units=["UK"], start=SEPTEMBER, end=NOVEMBER,
                                          seat_czk=400).rows.to_pylist()[0]  # fmt: skip
    assert found.first is not None
    assert found.first.mix is not None
    assert (row["all_metered_czk"], row["all_seats_czk"]) == (found.by_use, found.first.all_seats)
    assert found.first.break_even is not None
    assert row["persons_above"] == found.first.break_even.persons == found.first.mix.holders


@pytest.mark.parametrize(("few", "many", "holders"), [(4, 26, 5), (1, 29, 0), (7, 23, 10), (18, 12, 20), (21, 9, 20)])
def test_numbers_come_in_steps(make: Make, tmp_path: Path, few: int, many: int, holders: int) -> None:
    people = month_rows(dict.fromkeys(range(few), (60, 60)) | dict.fromkeys(range(few, few + many), (5, 5)))
    first = make(people)().first
    assert first is not None
    assert first.mix is not None
    assert first.break_even is not None
    assert first.mix.holders == holders
    assert all(b - a >= 5 for a, b in pairwise(k for k, _czk in first.curve))
    row = Reader(Warehouse(tmp_path)).run("plans/comparison", ALL, units=["UK"], start=SEPTEMBER, end=NOVEMBER,
                                          seat_czk=400).rows.to_pylist()[0]  # fmt: skip
    told = first.break_even.persons if first.break_even.persons >= 0 else None
    assert told == row["persons_above"], "two roundings of one count would tell more of it than one"
    assert (told is None) == ("above" in first.hidden)
    assert told is None or (told % 5 == 0 and abs(told - few) < 5)


def test_the_last_few_are_told_with_others(make: Make) -> None:
    people = month_rows(dict.fromkeys(range(28), (60, 60)) | dict.fromkeys(range(28, 31), (5, 5)))
    found = make(people)()
    first = found.first
    assert first is not None
    assert first.mix is not None
    assert found.persons == 30  # of 31
    assert [p.end for p in found.people] == list(range(5, 35, 5))
    # nobody's use is lost, and the three are not told alone
    assert found.people[-1].by_use == found.people[-2].by_use == Decimal((8 * 60 + 3 * 5) * 20) / 10
    assert found.by_use == (28 * 60 + 3 * 5) * 20


LIMITED = {"includes": "usd", "allowance": Decimal(25)}
OFFERS = (
    OWN, replace(OWN, **LIMITED), replace(OWN, **LIMITED, is_pooled=True), replace(OWN, minimum_seats=12),
    replace(OWN, includes="messages", allowance=Decimal(8)), replace(OWN, **LIMITED, maximum_seats=11),
)  # fmt: skip
CONDITIONS = (
    {}, {"people": 1 + Decimal(1) / 40}, {"people": Decimal("1.5")}, {"growth": Decimal("1.37")}, {"seats": 7},
    {"price": Decimal("0.61")}, {"usd_czk": Decimal("23.456")}, {"seat_czk": Decimal(1001)},
    {"discount": Decimal("0.3")},
)  # fmt: skip


def test_no_answer_depends_on_who_of_five_neighbours_uses_how_much(make: Make) -> None:
    others = {n: (45 - n, 40 - n) for n in range(5, 10)} | {n: (25 - n / 4, 20 - n / 4) for n in range(15, 40)}
    apart = {n: (100 - 10 * n, 90 - 10 * n) for n in range(5)} | {10 + n: (34 - 2 * n, 29 - 2 * n) for n in range(5)}
    alike = dict.fromkeys(range(5), (80, 70)) | dict.fromkeys(range(10, 15), (30, 25))
    told = []
    for name, costs in (("apart", apart), ("alike", alike)):
        ask = make(month_rows(others | costs), name=name)
        asked = [Asked(own_plan=plan, **given) for plan, given in product(OFFERS, CONDITIONS)]
        told.append([_without_counts(ask(one)) for one in asked])
    assert told[0] == told[1]
    assert len({repr(found) for found in told[0]}) > 40, "answers to questions that make no difference show nothing"


def _without_counts(found: Study) -> Study:
    """The study but for the numbers of people, which are told in steps (test_small_groups_adoption.py)."""
    (plan,) = found.plans
    assert plan.break_even is not None
    even = replace(plan.break_even, persons=0, share=None, newsvendor=0)
    return replace(found, version="", plans=(replace(plan, break_even=even, hidden=plan.hidden - {"above"}),))


def test_of_fewer_people_than_may_be_shown_only_the_cost_is_told(make: Make) -> None:
    found = make(month_rows(dict.fromkeys(range(4), (60, 60))))()
    assert (found.persons, found.by_use) == (None, 4800)
    assert (found.people, found.adoptions, found.together) == ((), (), None)
    assert found.first is not None
    assert (found.first.mix, found.first.all_seats, found.first.curve, found.first.break_even) == (None, None, (), None)


def test_an_asked_number_of_seats_tells_no_single_person(make: Make) -> None:
    spent = month_rows({n: (100 - n, 100 - n) for n in range(20)})
    ask = make(spent)
    costs: list[Decimal] = []
    for seats in range(5, 11):
        first = ask(Asked(own_plan=OWN, seats=seats)).first
        assert first is not None
        costs.append(first.seats_czk or Decimal(0))
    mean = 400 - Decimal(95 + 94 + 93 + 92 + 91) / 5 * 20  # of the five, not each one's own, and in three digits
    assert all(abs(b - a - mean) <= 100 for a, b in pairwise(costs))
    assert costs[-1] - costs[0] == pytest.approx(5 * mean, abs=50)


def test_no_price_tells_what_one_person_of_a_unit_costs(make: Make) -> None:
    ask = make(month_rows({n: (100 - n, 100 - n) for n in range(23)}))
    for price in range(20, 96, 5):
        first = ask(Asked(own_plan=OWN, seat_czk=Decimal(price * 20)), units=["MFF"]).first
        assert first is not None
        assert first.mix is not None
        assert first.mix.holders in (0, 5, 10, 15, 25)
        assert first.break_even is not None
        assert first.break_even.persons == -1 or first.break_even.persons % 5 == 0


def test_no_cost_tells_how_many_people_a_unit_has(make: Make) -> None:
    ask = make(month_rows({n: (100 - n, 100 - n) for n in range(23)}))
    found = ask(Asked(own_plan=OWN, seat_czk=Decimal(10)), units=["MFF"])
    first = found.first
    assert first is not None
    assert first.mix is not None
    # 23 persons are said to be 25, wherever a count or a cost could tell
    assert (found.persons, first.all_seats, first.mix.holders, first.mix.czk) == (25, 250, 25, 250)
    assert (first.curve[-1], found.people[-1].end) == ((25, 250), 25)
    assert (found.adoptions[0].persons, found.adoptions[0].all_seats) == (25, 250)
    assert first.break_even is not None
    assert first.break_even.persons == 25


def test_the_university_is_counted_in_steps_as_well(make: Make) -> None:
    ask = make(month_rows({n: (100 - n, 100 - n) for n in range(73)}))
    first = ask(Asked(own_plan=OWN, seat_czk=Decimal(1000))).first
    assert first is not None
    assert first.mix is not None
    assert (ask().persons, first.mix.holders % 5) == (70, 0)  # of 73


def test_more_people_are_as_many_times_those_who_are_said_to_be_there(make: Make) -> None:
    ask = make(month_rows({n: (100 - n, 100 - n) for n in range(23)}))
    assert ask(Asked(own_plan=OWN, people=Decimal(100)), units=["MFF"]).persons == 2500  # of 23 and said to be 25
    assert [a.persons for a in ask(units=["MFF"]).adoptions] == [25, 31, 37, 50]


def test_no_heller_of_a_price_tells_where_one_persons_use_ends(make: Make) -> None:
    ask = make(month_rows({n: (100 + n * 7, 100 + n * 11) for n in range(23)}))
    for price in ("1999.99", "2000", "2000.01", "3210.77"):
        found = ask(Asked(own_plan=OWN, seat_czk=Decimal(price)), units=["MFF"])
        first = found.first
        assert first is not None
        assert first.mix is not None
        whole, seat = found.by_use or Decimal(0), first.seat_czk or Decimal(0)
        used = [czk - n * seat for n, czk in [*first.curve, (first.mix.holders, first.mix.czk)]]
        amounts = [first.saving, first.npv, *(min(czk, whole - czk) for czk in used)]
        assert all(amount is not None and len(str(int(amount)).strip("-0")) <= 3 for amount in amounts), amounts


def test_no_number_of_people_asked_about_tells_how_many_are_above_a_price(make: Make) -> None:
    ask = make(month_rows(dict.fromkeys(range(13), (60, 60)) | dict.fromkeys(range(13, 40), (5, 5))))
    once, often = (ask(Asked(own_plan=OWN, people=Decimal(n)), units=["MFF"]).first for n in (1, 100))
    assert once is not None
    assert often is not None
    assert once.break_even is not None
    assert often.break_even is not None
    assert once.mix is not None
    assert often.mix is not None
    assert once.break_even.persons in (10, 15)  # thirteen
    assert often.break_even.persons == once.break_even.persons * 100
    assert often.mix.holders == once.mix.holders * 100


def test_too_few_people_are_not_made_many(make: Make) -> None:
    ask = make(month_rows(dict.fromkeys(range(4), (60, 60))))
    found = ask(Asked(own_plan=OWN, people=Decimal("1.5")))  # six of four: six quarters of the cost would tell it
    assert (found.persons, found.by_use) == (None, 4800)


def test_one_month_tells_no_number_of_people_by_the_share_in_use(make: Make) -> None:
    found = make(month_rows(dict.fromkeys(range(23), (60, 60))))(units=["MFF"], start=date(2026, 10, 1))
    assert found.first is not None
    assert found.first.break_even is not None
    # seat x active / saving: 400 x 23 / 27600 would be told by anyone who knows the cost
    assert found.persons is not None
    assert found.first.break_even.utilisation == pytest.approx(400 * found.persons / 27600, abs=0.001)


def test_a_range_of_seats_tells_no_exact_number_either(make: Make) -> None:
    people = month_rows(dict.fromkeys(range(15), (60, 60)) | dict.fromkeys(range(15, 23), (20, 20)))
    found = make(people)(units=["MFF"])
    first = found.first
    assert first is not None
    assert first.mix is not None
    assert (found.persons, first.mix.holders, first.mix.flat) == (25, 15, (15, 15))  # of 23


def test_who_may_not_see_the_university_is_refused(make: Make) -> None:
    ask = make(SIXTY)
    with pytest.raises(ScopeError, match="'university'"):
        ask(scope=Scope(("UK",), "faculty"))
    with pytest.raises(ScopeError, match="asked for MFF"):
        ask(scope=Scope(("FF",), "university"), units=["MFF"])
    with pytest.raises(ScopeError, match="unit of the viewer's"):
        ask(scope=Scope((), "rse"))


def test_a_unit_counts_its_own_people_and_no_minimum_of_the_university(make: Make) -> None:
    others = [[m, int(str(p)) + 100, "FF", *rest] for m, p, _unit, *rest in SIXTY]
    ask = make([*SIXTY, *others])
    plan = Plan("own", currency="USD", seat_fee=Decimal(20), minimum_seats=500)
    whole, part = ask(Asked(own_plan=plan)), ask(Asked(own_plan=plan), units=["FF"])
    assert (whole.persons, part.persons) == (120, 60)
    assert whole.first is not None
    assert part.first is not None
    assert whole.first.mix is not None
    assert part.first.mix is not None
    assert (whole.first.mix.holders, part.first.mix.holders, part.first.mix.czk) == (0, 30, 15000)


def test_roles_and_months_narrow_the_people(make: Make) -> None:
    staff = month_rows(dict.fromkeys(range(100, 112), (30, 0)), role="staff")
    ask = make([*SIXTY, *staff])
    assert ask().persons == 70  # 72, in steps of the smallest group
    assert ask(role="staff").persons == 10  # twelve
    assert ask(start=date(2026, 10, 1), role="student").by_use == Decimal(30 * 60 + 30 * 6) * 20


def test_plans_of_the_list_stand_beside_each_other_and_what_is_not_known_is_said(make: Make) -> None:
    since = ["1970-01-01", "9999-12-31"]
    plans = [
        [
            "cheap",
            *since,
            "Cheap",
            "V",
            "chat",
            "USD",
            10,
            1,
            0,
            12,
            "unlimited",
            False,
            "blocked",
            0,
            "a page",
            "high",
        ],
        ["dear", *since, "Dear", "V", "chat", "USD", 50, 1, 0, 12, "none", False, "metered", 0, "a page", "high"],
        ["secret", *since, "Secret", "V", "chat", "USD", None, 1, 0, 12, "unlimited", False, "blocked", 0, "x", "low"],
        ["foreign", *since, "Foreign", "V", "chat", "GBP", 9, 1, 0, 0, "unlimited", False, "blocked", 0, "x", "low"],
        ["gateway", *since, "Use", "own", "gateway", "USD", 0, 1, 0, 0, "none", False, "metered", 0, "x", "high"],
    ]
    found = make(SIXTY, plans=plans)(
        Asked(("cheap", "dear", "secret", "foreign", "gateway", "gone"), seat_czk=Decimal(100))
    )
    assert [(p.plan.plan, p.note) for p in found.plans] == [
        ("cheap", None), ("dear", None), ("secret", "no_price"), ("foreign", "no_rate"), ("gateway", "gateway"),
        ("gone", "unknown_plan"),
    ]  # fmt: skip
    assert [p.seat_czk for p in found.plans] == [100, 1000, None, None, 0, None]
    assert all(p.mix is None and p.all_seats is None for p in found.plans[2:])
    cheap, dear = found.plans[:2]
    assert cheap.mix is not None
    assert dear.mix is not None
    assert dear.mix.holders == 0
    assert found.together == cheap.mix.czk
    assert found.together_holders == (cheap.mix.holders, 0)


def test_faculties_join_at_the_adoption_of_the_others(make: Make) -> None:
    populations = [[u, "student", "2026-01-01", "2027-01-01", n] for u, n in (("MFF", 100), ("FF", 300), ("ETF", 50))]
    ask = make(SIXTY, populations=populations)
    # 60 of MFF's 100 and nobody of the others; FF joining at MFF's 60 %: 180 more
    found = ask(Asked(own_plan=OWN, joining=("FF",)))
    assert (found.joined, found.persons) == (180, 240)
    assert found.by_use == 39000 * 4
    assert ask(Asked(own_plan=OWN, joining=("FF", "ETF"))).joined == 210
    assert ask(Asked(own_plan=OWN, joining=("MFF",))).joined == 0  # nobody else to measure by


def test_growth_price_rate_and_tax_move_the_bill(make: Make) -> None:
    ask = make(SIXTY)
    assert ask(Asked(own_plan=OWN, growth=Decimal("1.5"))).by_use == 58500
    assert ask(Asked(own_plan=OWN, price=Decimal("0.5"))).by_use == 19500
    assert ask(Asked(own_plan=OWN, people=Decimal(2))).by_use == 78000
    assert ask(Asked(own_plan=OWN, usd_czk=Decimal(30))).by_use == 58500
    taxed = ask(Asked(own_plan=OWN, tax="full"))
    assert (taxed.by_use, taxed.tax.is_measured) == (Decimal(39000) * Decimal("1.21"), False)


def test_use_below_zero_is_noted(make: Make) -> None:
    assert make([*SIXTY, *month_rows({90: (-3, 9)})])().notes == ("negative_use",)


def test_without_a_rate_nothing_is_said_in_crowns(make: Make) -> None:
    ask = make(SIXTY, rates=[])
    found = ask()
    assert (found.by_use, found.plans, found.notes) == (None, (), ("no_rate",))
    assert ask(Asked(own_plan=OWN, usd_czk=Decimal(20))).by_use == 39000


def test_without_people_or_months_nothing_is_weighed(make: Make) -> None:
    ask = make(SIXTY)
    nobody = ask(units=["ETF"])
    assert (nobody.persons, nobody.by_use, nobody.adoptions) == (0, 0, ())
    assert ask(start=date(2027, 5, 1), end=date(2027, 6, 1)).persons == 0


def test_an_equal_question_is_answered_from_memory(make: Make) -> None:
    ask = make(SIXTY)
    assert ask() is ask()
    assert ask() is not ask(Asked(own_plan=OWN, seats=7))


def test_persons_are_listed_only_for_who_may_see_them(make: Make, tmp_path: Path) -> None:
    make([*month_rows({7: (60, 20), 3: (5, 5), 9: (90, 90)})])
    reader = Reader(Warehouse(tmp_path))
    months = {"units": ["UK"], "start": SEPTEMBER, "end": NOVEMBER}
    with pytest.raises(ScopeError, match="right 'persons'"):
        reader.plan_holders(ALL, {"close"}, asked=Asked(own_plan=OWN), **months)  # type: ignore[arg-type]
    with pytest.raises(ScopeError, match="'university'"):
        reader.plan_holders(Scope(("UK",), "faculty"), {"persons"}, asked=Asked(own_plan=OWN), **months)  # type: ignore[arg-type]
    unlimited = Plan("own", currency="USD", seat_fee=Decimal(1))
    limited = Plan("own", currency="USD", seat_fee=Decimal(1), includes="usd", allowance=Decimal(50))
    listed = [
        [(h.place, h.by_use, h.with_seat) for h in reader.plan_holders(
            ALL, {"persons"}, asked=Asked(own_plan=plan), **months)]  # type: ignore[arg-type]
        for plan in (unlimited, limited)
    ]  # fmt: skip
    # persons 3, 7 and 9 are the first, second and third; 7 pays 10 / 2 and 9 pays 40 on top of the limited seat
    assert listed[0] == [(1, 100, 20), (2, 800, 20), (3, 1800, 20)]
    assert listed[1] == [(1, 100, 20), (2, 800, 120), (3, 1800, 820)]
    assert reader.plan_holders(ALL, {"persons"}, asked=Asked(("gone",)), **months) == ()  # type: ignore[arg-type]
