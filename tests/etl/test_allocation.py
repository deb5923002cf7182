"""Dividing invoice lines among units: exact for any input, and the amounts an accountant gets by hand."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.allocation import UNALLOCATED, Allocated, Line, Part, allocate
from etl.allocation_rules import Rules, parse_rules
from etl.allocation_scope import PICO, Charge, Used
from etl.remainders import apportion, halers, spread_whole

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
TENTH = date(2026, 10, 10)
PLAIN = Rules()


def charge(**said: Any) -> Charge:
    """A charge for gpt-5.5 at OpenAI in October."""
    plain: dict[str, Any] = {"provider": "openai", "start": OCTOBER, "end": NOVEMBER, "model": "gpt-5.5"}
    return Charge(**(plain | said))


def line(net: int, usd: str | None = None, number: int = 1, vat: int = 0, **said: Any) -> Line:
    """A line of `net` haléře that is one charge; its USD are net / 2000 (20 CZK a dollar) unless given."""
    value = Fraction(net, 2000) if usd is None else Fraction(usd)
    return Line(f"d#{number}", "d", net, vat, value, (Part(Fraction(1), charge(**said)),))


def used(unit: str, usd: str, **said: Any) -> Used:
    """Use of gpt-5.5 at OpenAI on 10 October."""
    row: dict[str, Any] = {"day": TENTH, "provider": "openai", "model": "gpt-5.5", "key_no": None, "tokens": 100}
    return Used(unit=unit, pico=int(Fraction(usd) * PICO), **(row | {"requests": 1} | said))


def divided(lines: list[Line], uses: list[Used], rules: Rules = PLAIN, **holders: Any) -> list[Allocated]:
    return allocate(lines, uses, rules, lambda _unit, _day: Fraction(0), holders)


def nets(lines: list[Line], uses: list[Used], rules: Rules = PLAIN, **holders: Any) -> dict[tuple[str, str], int]:
    """{(unit, rule): haléře} of all lines."""
    found: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in divided(lines, uses, rules, **holders):
        found[row.unit, row.rule] += row.net
    return dict(found)


# --- the largest remainder ---


def test_the_left_over_haler_goes_to_the_largest_remainder() -> None:
    # 100 / 3 = 33.33 each: 33 + 33 + 33, one is left; remainders tie, so the first by name has it
    assert spread_whole({u: Fraction(100, 3) for u in "BCA"}, 100) == {"B": 33, "C": 33, "A": 34}
    # 10 x 0.55 = 5.5, 10 x 0.25 = 2.5, 10 x 0.20 = 2: 5 + 2 + 2, one is left for .5 of A before .5 of B
    exact = {"A": Fraction(55, 10), "B": Fraction(25, 10), "C": Fraction(2)}
    assert spread_whole(exact, 10) == {"A": 6, "B": 2, "C": 2}


def test_a_total_that_is_no_rounding_is_refused() -> None:
    with pytest.raises(ValueError, match="not a rounding"):
        spread_whole({"A": Fraction(1), "B": Fraction(1)}, 5)


def test_halves_are_rounded_away_from_zero_on_both_sides() -> None:
    assert [halers(Fraction(n, 2)) for n in (-3, -1, 0, 1, 3)] == [-2, -1, 0, 1, 2]


amounts = st.fractions(min_value=-(10**11), max_value=10**11, max_denominator=10**12)


@given(st.dictionaries(st.sampled_from("ABCDEFGH"), amounts, min_size=1))
@settings(max_examples=300, deadline=None)
def test_spreading_adds_up_mirrors_and_misses_each_amount_by_less_than_one(exact: dict[str, Fraction]) -> None:
    total = halers(sum(exact.values(), Fraction(0)))
    whole = spread_whole(exact, total)
    assert sum(whole.values()) == total
    assert all(abs(whole[k] - exact[k]) <= 1 for k in exact)
    assert spread_whole({k: -v for k, v in exact.items()}, -total) == {k: -v for k, v in whole.items()}
    assert spread_whole(dict(reversed(exact.items())), total) == whole


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**30), min_size=1).filter(any))
@settings(max_examples=200, deadline=None)
def test_apportioning_is_spreading_by_shares(total: int, weights: list[int]) -> None:
    shares = {n: Fraction(weight * total, sum(weights)) for n, weight in enumerate(weights)}
    assert dict(enumerate(apportion(total, weights))) == spread_whole(shares, total)


# --- the cascade, by hand ---


def test_a_line_that_names_its_unit_is_that_units_whatever_was_used() -> None:
    assert nets([line(1001, unit="FF")], [used("MFF", "1")]) == {("FF", "owner"): 1001}


def test_a_line_of_a_units_own_key_is_that_units_and_its_use_explains_nothing_else() -> None:
    lines = [line(1000, key_no=7, key_unit="FF"), line(1000, number=2)]
    uses = [used("FF", "0.5", key_no=7), used("MFF", "0.5")]
    assert nets(lines, uses) == {("FF", "key"): 1000, ("MFF", "metered"): 1000}


def test_a_dated_owner_of_a_project_pays_from_that_day_on() -> None:
    rules = parse_rules('[[owners]]\nproject = "proj_a*"\nunit = "mff"\nvalid_from = 2026-10-01\n')
    september: dict[str, Any] = {"start": date(2026, 9, 1), "end": OCTOBER}
    lines = [line(10, project="proj_abc"), line(10, number=2, project="proj_abc", **september)]
    assert nets(lines, [], rules) == {("MFF", "owner"): 10, (UNALLOCATED, "unallocated"): 10}


def test_within_two_per_cent_the_whole_line_goes_by_metered_use() -> None:
    # 20.00 CZK at 20 = 1 USD billed; 0.98 metered is just within 2 % of the bill; shares 0.49 : 0.49
    assert nets([line(2000)], [used("MFF", "0.49"), used("FF", "0.49")]) == {
        ("MFF", "metered"): 1000, ("FF", "metered"): 1000,
    }  # fmt: skip


def test_use_below_the_tolerance_is_charged_at_its_metered_value_and_the_rest_to_nobody() -> None:
    # 1 USD billed, 0.97 metered: 97 % of 2000 = 1940 by use, 60 nobody's
    assert nets([line(2000)], [used("MFF", "0.97")]) == {("MFF", "metered"): 1940, (UNALLOCATED, "unallocated"): 60}
    [_, rest] = divided([line(2000)], [used("MFF", "0.97")])
    assert "above metered use" in rest.basis


def test_use_above_the_bill_is_scaled_down() -> None:
    # 1 USD billed, 4 metered as 3 : 1
    assert nets([line(2000)], [used("MFF", "3"), used("FF", "1")]) == {("MFF", "metered"): 1500, ("FF", "metered"): 500}


def test_nothing_metered_leaves_all_to_nobody_with_the_reason() -> None:
    [row] = divided([line(2000)], [used("MFF", "1", model="gpt-4.1"), used("FF", "0")])
    assert (row.unit, row.net, row.share) == (UNALLOCATED, 2000, Fraction(1))
    assert row.basis == "no metered use of it: gpt-5.5 at openai, UTC days 2026-10-01 to 2026-10-31"


def test_lines_of_one_scope_are_compared_together() -> None:
    # input 1.50 USD and output 0.50 USD of one model, 2 USD metered: neither alone is explained, both are
    lines = [line(3000), line(1000, number=2)]
    assert nets(lines, [used("MFF", "2")]) == {("MFF", "metered"): 4000}
    # a credit of 1 USD for the same month lowers what is compared: 1 billed, 1 metered
    lines = [line(4000), line(-2000, number=2)]
    assert nets(lines, [used("MFF", "1")]) == {("MFF", "metered"): 2000}


def test_a_use_explains_the_narrowest_line_only() -> None:
    # the model's line takes its 1 USD; the provider's line finds 0.25 of another model of 1 USD billed
    lines = [line(2000), line(2000, number=2, model=None)]
    uses = [used("MFF", "1"), used("FF", "0.25", model="gpt-4.1")]
    assert nets(lines, uses) == {
        ("MFF", "metered"): 2000, ("FF", "metered"): 500, (UNALLOCATED, "unallocated"): 1500,
    }  # fmt: skip


def test_days_are_the_providers_and_the_end_is_exclusive() -> None:
    uses = [
        used("FF", "1", day=date(2026, 9, 30)),
        used("MFF", "1", day=date(2026, 10, 31)),
        used("LF1", "1", day=NOVEMBER),
    ]
    assert nets([line(2000)], uses) == {("MFF", "metered"): 2000}


def test_a_project_that_is_not_the_gateways_has_no_metered_use() -> None:
    lines = [line(2000), line(2000, number=2, is_elsewhere=True)]
    assert nets(lines, [used("MFF", "1")]) == {("MFF", "metered"): 2000, (UNALLOCATED, "unallocated"): 2000}


def test_a_flat_cost_goes_by_use_whatever_its_amount_and_the_gateways_name_for_the_provider() -> None:
    lease = line(1800000, provider="e-infra", model="llama-*", is_flat=True)
    uses = [
        used("MFF", "0", model="llama-3", provider="vllm", tokens=300),
        used("FF", "0", model="llama-3", tokens=100),
    ]
    assert nets([lease], uses) == {("MFF", "use"): 1350000, ("FF", "use"): 450000}
    assert nets([lease], []) == {(UNALLOCATED, "unallocated"): 1800000}


def test_what_is_shared_by_use_knows_the_provider_by_the_name_of_models_csv_too() -> None:
    rules = parse_rules('[[by_use]]\nprovider = "self_hosted"\n')
    servers = line(1000, provider="self_hosted", model=None)
    uses = [used("MFF", "0", provider="hosted_vllm", model="llama-3", maker="self_hosted"), used("FF", "9")]
    assert nets([servers], uses, rules) == {("MFF", "use"): 1000}
    assert nets([servers], uses) == {(UNALLOCATED, "unallocated"): 1000}


def test_what_a_rule_shares_by_use_leaves_the_use_to_other_lines() -> None:
    rules = parse_rules('[[by_use]]\nservice = "support*"\n')
    lines = [line(2000), line(1000, number=2, service="Support plan", model=None)]
    assert nets(lines, [used("MFF", "1")], rules) == {("MFF", "metered"): 2000, ("MFF", "use"): 1000}


def test_agreed_shares_take_what_use_does_not_explain_before_an_even_split() -> None:
    agreed = '[[shares]]\nprovider = "openai"\nshares = { MFF = "1/3", FF = "2/3" }\n'
    even = '[[even]]\nprovider = "*"\nunits = ["LF1", "FF", "MFF"]\n'
    # 100 haléře: 33.33 and 66.67: 33 + 66, the left-over one for the larger remainder of FF
    assert nets([line(100)], [], parse_rules(agreed + even)) == {("MFF", "shares"): 33, ("FF", "shares"): 67}
    assert nets([line(100)], [], parse_rules(even)) == {("FF", "even"): 34, ("LF1", "even"): 33, ("MFF", "even"): 33}
    # 0.05 USD billed, half metered by LF1
    mixed = nets([line(100)], [used("LF1", "0.025")], parse_rules(agreed))
    assert mixed == {("LF1", "metered"): 50, ("MFF", "shares"): 17, ("FF", "shares"): 33}


def test_seats_are_paid_by_the_units_of_those_who_hold_them() -> None:
    rules = parse_rules('[[seats]]\nservice = "ChatGPT Edu"\nproduct = "edu"\n')
    lines = [line(1000, service="ChatGPT Edu", model=None)]
    held = {"MFF": Fraction(3, 2), "FF": Fraction(1, 2)}
    assert nets(lines, [], rules, edu=held) == {("MFF", "seats"): 750, ("FF", "seats"): 250}
    assert nets(lines, [], rules) == {(UNALLOCATED, "unallocated"): 1000}


def test_a_credit_note_is_the_mirror_of_an_invoice() -> None:
    uses = [used("MFF", "0.3"), used("FF", "0.1")]
    plus, minus = divided([line(2001, vat=421)], uses), divided([line(-2001, vat=-421)], uses)
    assert [(r.unit, -r.net, -r.vat, -r.non_deductible) for r in minus] == [
        (r.unit, r.net, r.vat, r.non_deductible) for r in plus
    ]


def test_without_a_rate_of_the_dollar_nothing_is_compared() -> None:
    euros = replace(line(2000), usd=None)
    assert nets([euros], [used("MFF", "1")]) == {(UNALLOCATED, "unallocated"): 2000}


def test_a_line_cut_by_a_report_follows_the_reports_owners() -> None:
    parts = (Part(Fraction(1, 4), charge(model=None, unit="LF1")), Part(Fraction(3, 4), charge()))
    bill = Line("d#1", "d", 2000, 420, Fraction(1), parts)
    assert nets([bill], [used("MFF", "0.75")]) == {("LF1", "owner"): 500, ("MFF", "metered"): 1500}


def test_a_unit_loses_the_vat_that_it_may_not_deduct() -> None:
    shares = {"MFF": Fraction(1, 5), "FF": Fraction(0)}
    rows = allocate(
        [line(2000, vat=421)], [used("MFF", "0.5"), used("FF", "0.5")], PLAIN, lambda u, _day: shares[u], {}
    )
    # 421 / 2 = 210.5 each: the left-over haléř to FF; MFF deducts a fifth of 210: 168 are lost
    assert [(r.unit, r.vat, r.non_deductible) for r in rows] == [("FF", 211, 211), ("MFF", 210, 168)]
    abroad = replace(line(2000, vat=421), is_deductible=False)
    [row] = allocate([abroad], [used("MFF", "1")], PLAIN, lambda u, _day: shares[u], {})
    assert row.non_deductible == 421


# --- for any input ---

UNITS = ("MFF", "FF", "LF1", "UNKNOWN")
RULES = (
    "",
    '[[owners]]\nproject = "p1"\nunit = "MFF"\n',
    '[[shares]]\nprovider = "openai"\nshares = { MFF = "0.1", FF = "0.9" }\nvalid_from = 2026-10-11\n',
    '[[even]]\nunits = ["MFF", "FF", "LF1"]\n',
    '[[by_use]]\nmodel = "b"\n[metered]\ntolerance = "0"\n',
)
haler = st.one_of(st.integers(-3, 3), st.integers(-(10**6), 10**6), st.integers(-(10**11), 10**11))
days = st.integers(1, 31).map(lambda n: date(2026, 10, n))
models = st.sampled_from(["a", "b", "*", None])


@st.composite
def charges(draw: st.DrawFn) -> Charge:
    start = draw(days)
    return charge(
        provider=draw(st.sampled_from(["openai", "azure"])),
        start=start,
        end=draw(st.sampled_from([NOVEMBER, date.fromordinal(start.toordinal() + 1)])),
        model=draw(models),
        project=draw(st.sampled_from([None, "p1", "p2"])),
        unit=draw(st.sampled_from([None, None, "FF"])),
        key_no=draw(st.sampled_from([None, None, 1])),
        key_unit=draw(st.sampled_from([None, "LF1"])),
        is_flat=draw(st.booleans()),
        is_elsewhere=draw(st.booleans()),
    )


@st.composite
def bills(draw: st.DrawFn) -> list[Line]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        weights = draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
        parts = tuple(Part(Fraction(w, sum(weights)), draw(charges())) for w in weights)
        usd = draw(st.one_of(st.none(), haler.map(lambda h: Fraction(h, 2000))))
        found.append(Line(f"d#{number}", f"d{number % 2}", draw(haler), draw(haler), usd, parts, draw(st.booleans())))
    return found


uses = st.lists(
    st.builds(
        used, st.sampled_from(UNITS), st.sampled_from(["0", "0.000000000001", "0.01", "7", "-1", "1000000"]),
        day=days, model=st.sampled_from(["a", "b"]), provider=st.sampled_from(["openai", "azure"]),
        key_no=st.sampled_from([None, 1]), tokens=st.integers(0, 5),
    ),
    max_size=8,
)  # fmt: skip
rules = st.lists(st.sampled_from(RULES), unique=True).map(lambda texts: parse_rules("".join(texts)))


@given(bills(), uses, rules, st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1)]), st.randoms())
@settings(max_examples=250, deadline=None)
def test_units_and_what_is_left_are_the_line_for_any_input_in_any_order(
    lines: list[Line], found: list[Used], written: Rules, share: Fraction, dice: Any
) -> None:
    rows = allocate(lines, found, written, lambda _unit, _day: share, {})
    for bill in lines:
        mine = [r for r in rows if (r.document_id, r.line_id) == (bill.document_id, bill.line_id)]
        assert sum(r.net for r in mine) == bill.net
        assert sum(r.vat for r in mine) == bill.vat
        assert sum(r.share for r in mine) <= 1  # who has less than a haléř has no row
        assert all(0 <= r.share <= 1 and abs(r.net - r.share * bill.net) < 1 for r in mine)
        assert all(abs(r.non_deductible) <= abs(r.vat) for r in mine)
    shuffled, mixed = list(lines), list(found)
    dice.shuffle(shuffled)
    dice.shuffle(mixed)
    assert allocate(shuffled, mixed, written, lambda _unit, _day: share, {}) == rows


@given(haler, st.lists(st.tuples(st.sampled_from(UNITS), st.integers(1, 10**9)), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_doubling_everybodys_use_changes_nothing(net: int, found: list[tuple[str, int]]) -> None:
    def with_factor(factor: int) -> list[Used]:
        return [used(unit, str(usd * factor), tokens=usd * factor) for unit, usd in found]

    explained = replace(line(net), usd=Fraction(sum(usd for _, usd in found)))
    for bill in (explained, line(net, is_flat=True)):
        assert divided([bill], with_factor(2)) == divided([bill], with_factor(1))
