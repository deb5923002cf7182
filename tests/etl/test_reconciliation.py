"""From metered to billed: each cause planted with a known amount is found under its own name, and the sum is exact."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.identity import Pseudonyms
from etl.load import Clock
from etl.run import Runner
from etl.sections import Invoices, Storage
from etl.settings import Settings
from queries import warehouse
from tests.etl.builders import directory, gateway, home, rates, request
from tests.etl.ledger import OCTOBER, Ledger, tokens

PLAIN, CACHED = tokens(1_000_000, 0, 0, 100_000), tokens(200_000, 1_000_000, 0, 100_000)  # 8 and 4.5 USD at list price
OUTSIDE = tokens(2_000_000)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An October in which OpenAI bills exactly what was metered: 12.50 USD at 20 CZK."""
    made = Ledger(tmp_path / "var")
    made.rate(date(2026, 9, 1))
    yield made
    made.build.close()


def agree(ledger: Ledger, *, plain: str = "8", cached: str = "4.5", billed: str = "12.5", **said: object) -> None:
    """The usage, the provider's report of it and its bill, all alike unless changed."""
    ledger.used(plain, PLAIN)
    ledger.used(cached, CACHED, kind="cached")
    ledger.reported({k: PLAIN[k] + CACHED[k] for k in PLAIN})
    ledger.billed(billed, **said)


def test_what_agrees_has_no_cause_and_no_residual(ledger: Ledger) -> None:
    agree(ledger)
    assert ledger.causes() == {}
    assert ledger.steps()["metered"] == ledger.steps()["billed"] == (Decimal("12.5"), Decimal(250))


def drifted(ledger: Ledger) -> None:
    """The gateway's prices are 10 % too low, of cached tokens as well."""
    agree(ledger, plain="7.2", cached="4.05")


def miscounted(ledger: Ledger) -> None:
    """The gateway reckons cached tokens at the full price: 9 USD instead of 4.5."""
    agree(ledger, cached="9")


def seen_differently(ledger: Ledger) -> None:
    """The provider counts 200,000 tokens of output more: 6 USD."""
    ledger.used("8", PLAIN)
    ledger.reported(PLAIN | {"output_tokens": 300_000})
    ledger.billed("14")


def failing(ledger: Ledger) -> None:
    """The gateway reckons 0.3 USD for failures; the provider's report knows nothing of them and bills nothing."""
    agree(ledger)
    ledger.used("0.3", tokens(), kind="untold")


def discounted(ledger: Ledger) -> None:
    """The bill names its list price and stays 2.5 USD below."""
    agree(ledger, billed="10", list_cost=Decimal("12.5"))


def charged_for_searching(ledger: Ledger) -> None:
    agree(ledger)
    ledger.billed("3", model=None, sku_id="web search tool calls", consumed_unit="calls")


def charged_for_seats(ledger: Ledger) -> None:
    agree(ledger)
    ledger.billed("50", model=None, charge_category="Purchase", charge_description="25 seats")


def credited(ledger: Ledger) -> None:
    agree(ledger)
    ledger.billed("-2", model=None, charge_category="Credit")


def paid_from_credits(ledger: Ledger) -> None:
    """Usage worth 12.5 USD for which nothing is to be paid, since it was paid in advance."""
    agree(ledger, billed="0", effective_cost=Decimal("12.5"), credit_kind="burn_down")


def paid_from_credits_and_not_booked(ledger: Ledger) -> None:
    """The same where the ledger books the purchase alone, and the line names no model."""
    agree(ledger, billed="0", effective_cost=Decimal("12.5"), credit_kind="burn_down", model=None, basis="none")


def bought_credits(ledger: Ledger) -> None:
    agree(ledger)
    ledger.billed("100", model=None, charge_category="Purchase", credit_kind="purchase")


def crossing_midnight(ledger: Ledger) -> None:
    """0.8 USD of the first of November here are the last of October in UTC."""
    agree(ledger, billed="13.3")
    more = tokens(100_000, 0, 0, 10_000)
    ledger.used("0.8", more, day=date(2026, 11, 1), utc=date(2026, 10, 31))
    ledger.reported(more, day=date(2026, 10, 31))


def crossing_midnight_before_the_month(ledger: Ledger) -> None:
    """0.8 USD of the first of October here are September's in UTC, and on September's bill."""
    agree(ledger)
    ledger.used("0.8", tokens(100_000, 0, 0, 10_000), day=OCTOBER, utc=date(2026, 9, 30))


def dearer_dollars(ledger: Ledger) -> None:
    """22 CZK a dollar at the tax point, 20 on the days of use."""
    ledger.used("8", PLAIN)
    ledger.reported(PLAIN)
    ledger.rate(date(2026, 10, 31), Decimal(22), days=1)
    ledger.billed("8", rate=Decimal(22))


def taxed(ledger: Ledger) -> None:
    agree(ledger, vat=Decimal("52.5"))


def taxed_by_a_line(ledger: Ledger) -> None:
    agree(ledger)
    ledger.billed("2.625", model=None, charge_category="Tax")


def another_model(ledger: Ledger) -> None:
    """A model that the gateway never asked for."""
    agree(ledger)
    ledger.model("o9", "1", "1", "1", "1")
    ledger.billed("2", model="o9")
    ledger.reported(OUTSIDE, model="o9")


def another_project(ledger: Ledger) -> None:
    """The gateway's own model used with a project's own key."""
    ledger.invoices = Invoices(gateway_projects=("openai:proj_gateway",))
    ledger.used("8", PLAIN)
    ledger.reported(PLAIN | {"input_tokens": 1_400_000})
    ledger.billed("8", sub_account_id="proj_gateway")
    ledger.billed("2", sub_account_id="proj_thesis")


def another_provider(ledger: Ledger) -> None:
    """A provider that the gateway does not use at all; its bill names no models."""
    ledger.billed("2", model=None)


def another_model_of_a_report(ledger: Ledger) -> None:
    """A bill of one sum; the provider's report names a model that the gateway never asked for."""
    agree(ledger, billed="14.5", model=None)
    ledger.model("o9", "1", "1", "1", "1")
    ledger.reported(OUTSIDE, model="o9")


def another_project_of_a_report(ledger: Ledger) -> None:
    """A bill of one sum; the provider's report tells the projects apart."""
    ledger.invoices = Invoices(gateway_projects=("openai:proj_gateway",))
    ledger.used("8", PLAIN)
    ledger.reported(PLAIN, project="proj_gateway")
    ledger.reported(tokens(400_000), project="proj_thesis")
    ledger.billed("10", model=None)


def booked_later(ledger: Ledger) -> None:
    """A tax point in November for October's usage."""
    agree(ledger, month=date(2026, 11, 1))


def unbilled(ledger: Ledger) -> None:
    ledger.used("8", PLAIN)


def not_told(ledger: Ledger) -> None:
    """More is billed than metered and no report of the provider tells why."""
    ledger.used("8", PLAIN)
    ledger.billed("9")


PLANTED: dict[Callable[[Ledger], None], dict[str, str]] = {
    drifted: {"price": "25"},
    miscounted: {"cached": "-90"},
    seen_differently: {"volume": "120"},
    failing: {"volume": "-6"},
    discounted: {"discount": "-50"},
    charged_for_searching: {"fees": "60"},
    charged_for_seats: {"fees": "1000"},
    credited: {"credits": "-40"},
    paid_from_credits: {"credits": "-250"},
    paid_from_credits_and_not_booked: {"credits": "-250"},
    bought_credits: {"credits": "2000"},
    crossing_midnight: {"day_boundary": "16"},
    crossing_midnight_before_the_month: {"day_boundary": "-16"},
    dearer_dollars: {"exchange_rate": "16"},
    taxed: {"vat": "52.5"},
    taxed_by_a_line: {"vat": "52.5"},
    another_model: {"bypass": "40"},
    another_project: {"bypass": "40"},
    another_provider: {"bypass": "40"},
    another_model_of_a_report: {"bypass": "40"},
    another_project_of_a_report: {"bypass": "40"},
    booked_later: {"period": "-250"},
    unbilled: {"not_billed": "-160"},
    not_told: {"residual": "20"},
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda p: p.__name__)
def test_a_planted_cause_is_found_under_its_own_name(ledger: Ledger, plant: Callable[[Ledger], None]) -> None:
    plant(ledger)
    assert ledger.causes() == {cause: Decimal(czk) for cause, czk in PLANTED[plant].items()}


def test_a_line_of_tax_is_tax_in_dollars_too(ledger: Ledger) -> None:
    taxed_by_a_line(ledger)
    found = ledger.steps()
    assert {cause: found[cause][0] for cause in ("billed_net", "vat", "billed", "residual")} == {
        "billed_net": Decimal("12.5"), "vat": Decimal("2.625"), "billed": Decimal("15.125"), "residual": Decimal(0),
    }  # fmt: skip


def test_many_causes_at_once_are_told_apart_and_add_up(ledger: Ledger) -> None:
    agree(ledger, plain="7.2", cached="8.1", billed="14.5", list_cost=Decimal("15.5"), vat=Decimal("60.9"))
    ledger.used("3", tokens(), day=date(2026, 11, 1), utc=date(2026, 10, 31), kind="untold")
    ledger.reported(tokens(600_000), day=date(2026, 10, 31))  # 3 USD
    ledger.billed("5", model=None, sku_id="code interpreter sessions")
    ledger.billed("-1", model=None, charge_category="Credit")
    # price: 8 - 7.2 and 4.5 - 4.05; cached: 4.05 - 8.1; the reports' 3 USD stand for the 3 of failures
    found = {cause: usd for cause, (usd, _czk) in ledger.steps().items() if usd}
    assert found == {
        "metered": Decimal("15.3"), "day_boundary": Decimal(3), "price": Decimal("1.25"), "cached": Decimal("-4.05"),
        "discount": Decimal(-1), "fees": Decimal(5), "credits": Decimal(-1), "billed_net": Decimal("18.5"),
        "vat": Decimal("3.045"), "billed": Decimal("21.545"),
    }  # fmt: skip


def test_a_year_paid_at_once_is_spread_over_its_months_and_the_months_add_up(ledger: Ledger) -> None:
    ledger.billed(
        "1200", model=None, charge_category="Purchase", is_amortised=True, charge_period_end=datetime(2027, 10, 1)
    )
    october, november = ledger.causes(), ledger.causes(date(2026, 11, 1))
    assert october["fees"] + october["period"] == 24000
    assert november["fees"] == -november["period"]
    assert 1900 < november["fees"] < 2100
    fees, moved = ledger.run(
        "select sum(czk) filter (cause = 'fees'), sum(czk) filter (cause = 'period') from reconciliation"
    ).fetchone() or (0, 0)
    assert (fees, moved) == (24000, 0)


def test_what_could_not_be_known_is_said_beside_the_residual(ledger: Ledger) -> None:
    ledger.model("o9")
    ledger.used("8", PLAIN, model="o9")
    ledger.billed("9", model=None, basis="provisional")
    ledger.steps()
    notes = ledger.run("select distinct note from reconciliation where cause = 'residual'").fetchall()
    assert notes == [("provisional no_provider_usage no_price no_models",)]


def test_a_model_nobody_has_mapped_is_no_bypass(ledger: Ledger) -> None:
    ledger.model("mystery-1", is_mapped=False)
    ledger.used("8", PLAIN)
    ledger.billed("10", model="mystery-1")
    assert ledger.causes() == {"residual": Decimal(40)}


AMOUNT = st.decimals(-500, 500, places=6)
LINE = st.fixed_dictionaries(
    {"amount": AMOUNT, "effective_cost": st.none() | AMOUNT, "list_cost": st.none() | AMOUNT,
     "charge_category": st.sampled_from(["Usage", "Purchase", "Tax", "Credit", "Adjustment"]),
     "credit_kind": st.sampled_from([None, "purchase", "burn_down", "expiry", "grant"]),
     "model": st.sampled_from([None, "gpt-5.5", "o9", "never-heard-of"]),
     "sub_account_id": st.sampled_from([None, "own", "theirs"]),
     "billing_currency": st.sampled_from(["USD", "EUR", "CZK"]),
     "days": st.integers(1, 120), "month": st.sampled_from([date(2026, 9, 1), OCTOBER, date(2026, 11, 1)]),
     "rate": st.decimals(1, 30, places=3), "vat": st.decimals(-90, 90, places=2)}
)  # fmt: skip
USE = st.tuples(
    st.decimals(0, 50, places=12), st.tuples(*[st.integers(0, 10**7)] * 4), st.integers(0, 60), st.integers(-1, 0),
    st.sampled_from(["plain", "cached", "untold"]), st.sampled_from(["gpt-5.5", "o9"]),
)  # fmt: skip


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINE, max_size=6), uses=st.lists(USE, max_size=6), reports=st.lists(USE, max_size=3))
def test_metered_and_all_causes_add_up_to_billed_whatever_there_is(
    ledger: Ledger, lines: list[dict[str, object]], uses: list[tuple[object, ...]], reports: list[tuple[object, ...]]
) -> None:
    for table in ("gateway_daily", "usage_total_daily", "fact_provider_usage", "fact_invoice_line", "fact_invoice_day",
                  "booked_line"):  # fmt: skip
        ledger.run(f"delete from {table}")
    ledger.invoices = Invoices(gateway_projects=("openai:own",))
    first = date(2026, 9, 20)
    for usd, counts, day, crossed, kind, model in uses:
        local = date.fromordinal(first.toordinal() + day)
        utc = date.fromordinal(local.toordinal() + crossed)
        ledger.used(str(usd), tokens(*counts), day=local, utc=utc, kind=str(kind), model=str(model))
    for _usd, counts, day, _crossed, _kind, model in reports:
        ledger.reported(tokens(*counts), day=date.fromordinal(first.toordinal() + day), model=str(model))
    for line in lines:
        said = dict(line)
        end = datetime.fromordinal(datetime(2026, 9, 15).toordinal() + int(str(said.pop("days"))))
        ledger.billed(str(said.pop("amount")), charge_period_start=datetime(2026, 9, 15), charge_period_end=end, **said)
    ledger.steps()
    wrong = ledger.run(
        "select month_start, sum(case when cause in ('billed', 'billed_net') then 0 else czk end) as causes,"
        " sum(case when cause = 'billed' then czk else 0 end) as billed,"
        " sum(case when cause in ('billed', 'billed_net') then 0 else usd end) as causes_usd,"
        " sum(case when cause = 'billed' then usd else 0 end) as billed_usd"
        " from reconciliation group by month_start having causes <> billed or causes_usd <> billed_usd"
    ).fetchall()
    assert wrong == []
    booked, said_billed = ledger.run(
        "select (select coalesce(sum(net_czk + vat_czk), 0) from booked_line),"
        " (select coalesce(sum(czk), 0) from reconciliation where cause = 'billed')"
    ).fetchone() or (0, 1)
    assert booked == said_billed


def test_requests_count_in_the_providers_month_and_answers_of_the_gateways_cache_in_none(
    tmp_path: Path, pseudonyms: Pseudonyms
) -> None:
    """From landing rows to the mart: 23:30 UTC of 31 October is November here; a failure and a hit are told apart."""
    sources = [("fx", rates()), ("directory", directory(home("ann", "MFF"))), ("gateway", gateway(
        request("late", "2026-10-31 23:30", cached_tokens=4),
        request("early", "2026-10-31 10:00"),
        request("hit", "2026-10-31 10:01", is_cache_hit=True, metered_usd=Decimal(0)),
        request("failed", "2026-10-31 10:02", status="failure", metered_usd=Decimal("0.5")),
    ))]  # fmt: skip
    configured = Settings(storage=Storage(folder=tmp_path / "var"), base=tmp_path)
    jobs = [source.job(kind) for kind, source in sources]
    with closing(Runner(configured, Clock(datetime(2026, 11, 23, 12)), pseudonyms, jobs)) as runner:
        assert [o.message for o in runner.run() if o.status != "DONE"] == []
        runner.publish()
        run = runner.build.connection.execute
        held = run("select day::varchar, utc_day::varchar, kind, requests, input_tokens, cached_tokens, output_tokens,"
                   " metered_usd from gateway_daily order by all").fetchall()  # fmt: skip
        assert held == [
            ("2026-10-31", "2026-10-31", "plain", 1, 10, 0, 5, Decimal("0.01")),
            ("2026-10-31", "2026-10-31", "untold", 1, 0, 0, 0, Decimal("0.5")),
            ("2026-11-01", "2026-10-31", "cached", 1, 10, 4, 5, Decimal("0.01")),
        ]
        made = run("select month_start::varchar, cause, usd from reconciliation where usd <> 0 order by all").fetchall()
        assert made == [
            ("2026-10-01", "metered", Decimal("0.51")), ("2026-10-01", "not_billed", Decimal("-0.51")),
            ("2026-11-01", "metered", Decimal("0.01")), ("2026-11-01", "not_billed", Decimal("-0.01")),
        ]  # fmt: skip
        run("update gateway_daily set metered_usd = 1 where kind = 'plain'")
        run("insert into ops.dirty_day values ('2026-10-31')")
        run("create or replace temp table dirty_day as select date '2026-10-31' as day")
        assert len(run(warehouse.sql("checks/fail/gateway_days_agree")).fetchall()) == 1


def test_the_check_warns_of_what_stays_unexplained_beyond_both_thresholds(ledger: Ledger) -> None:
    ledger.used("1000", tokens(), kind="untold")
    ledger.billed("1030", vat=Decimal(1))
    check = warehouse.sql("checks/warn/bill_deviates")
    ledger.steps()
    assert ledger.run(check).fetchall() == [(OCTOBER, "openai", Decimal(600), Decimal(20600))]
    for invoices in (Invoices(warn_czk=600), Invoices(warn_share=0.03)):
        ledger.invoices = invoices
        ledger.steps()
        assert ledger.run(check).fetchall() == []
