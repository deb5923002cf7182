"""Public prices are kept with the day they were noted; a change never touches what was kept."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from etl import prices
from etl.prices import EVER, ORIGIN, Prices, PublicPrice, keep_public_prices, public_prices
from queries.warehouse import Build, sql

DAY = date(2026, 11, 1)
KEPT = "select valid_from, input_usd, output_usd, noted_day from price_public order by all"


def usd(entry: str, output: str) -> Prices:
    """A price per million tokens of input and output; cached ones cost as input."""
    return (Decimal(entry), Decimal(entry), Decimal(entry), Decimal(output))


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """A build that has seen one commercial and one self-hosted model."""
    made = Build(tmp_path / "var")
    for model, hosting in [("gpt", "commercial"), ("llama", "self_hosted")]:
        made.connection.execute(
            "insert into model by name select ? as name, ? as model, 'T' as title, 'F' as family, 'openai' as provider,"
            " ? as hosting, true as is_mapped, true as is_gateway",
            [model, model, hosting],
        )
    yield made
    made.close()


def keep(build: Build, patch: pytest.MonkeyPatch, today: date, *said: PublicPrice) -> None:
    """Keeps what a package that says `said` of the model gpt, and nothing of others, says on a day."""
    patch.setattr(prices, "public_prices", lambda model, provider: list(said) if model == "gpt" else [])
    keep_public_prices(build.connection, today)


def test_the_package_gives_a_price_of_all_kinds_with_its_first_days() -> None:
    found = public_prices("o3", "openai")
    assert [p.valid_from for p in found] == [EVER, date(2025, 6, 10)]
    assert found[1].prices == (Decimal(2), Decimal("0.5"), Decimal(2), Decimal(8))


def test_the_first_tier_of_a_tiered_price_counts() -> None:
    assert public_prices("claude-sonnet-4-5", "anthropic")[0].prices == (
        Decimal(3), Decimal("0.3"), Decimal("3.75"), Decimal(15),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "provider"), [("no-such-model-1", "openai"), ("gpt-4o", "no-such-provider"), ("gemini-pro", "google")]
)
def test_what_the_package_does_not_know_has_no_price(model: str, provider: str) -> None:
    assert public_prices(model, provider) == []


def test_a_price_is_kept_once_and_a_change_counts_from_the_day_it_is_noted(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = PublicPrice(EVER, usd("2", "8")), PublicPrice(EVER, usd("1", "4"))
    keep(build, monkeypatch, DAY, old)
    keep(build, monkeypatch, date(2026, 11, 5), old)
    keep(build, monkeypatch, date(2026, 11, 9), new)
    keep(build, monkeypatch, date(2026, 11, 10), new)
    keep(build, monkeypatch, date(2026, 11, 12), old)
    assert build.connection.execute(KEPT).fetchall() == [
        (EVER, Decimal(2), Decimal(8), DAY),
        (date(2026, 11, 9), Decimal(1), Decimal(4), date(2026, 11, 9)),
        (date(2026, 11, 12), Decimal(2), Decimal(8), date(2026, 11, 12)),
    ]


def test_a_first_day_that_the_package_states_is_taken(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = PublicPrice(EVER, usd("2", "8")), PublicPrice(date(2026, 10, 20), usd("1", "4"))
    keep(build, monkeypatch, DAY, old)
    keep(build, monkeypatch, date(2026, 11, 9), old, new)
    keep(build, monkeypatch, date(2026, 11, 10), old, new)
    assert [row[0] for row in build.connection.execute(KEPT).fetchall()] == [EVER, date(2026, 10, 20)]


def test_prices_csv_stands_before_the_package_from_its_first_day_on(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(build, monkeypatch, DAY, PublicPrice(EVER, usd("2", "8")), PublicPrice(date(2026, 10, 20), usd("1", "4")))
    listed = "insert into price_listed values ('gpt', '2026-10-10', 'internal', 1.5, null, 1.5, 6)"
    build.connection.execute(listed)
    found = build.connection.execute(sql("publish/price").replace("build.", "main.")).fetchall()
    assert [(row[1], row[2], row[3], row[4], row[5], row[8]) for row in found] == [
        (EVER, date(2026, 10, 10), "list", Decimal(2), Decimal(2), ORIGIN),
        (date(2026, 10, 10), date(9999, 12, 31), "internal", Decimal("1.5"), None, "prices.csv"),
    ]
