"""Dollars of persons as whole numbers: exact, rounded once, and refused where they do not fit."""

from decimal import Decimal

import pyarrow as pa
import pytest

from queries.errors import WarehouseError
from queries.plan_usage import _billionths, _trillionths


def column(*amounts: str) -> pa.ChunkedArray:
    """Decimals as the snapshot gives them, in two chunks, the first with something before it."""
    array = pa.array([Decimal("7"), *map(Decimal, amounts)], pa.decimal128(38, 12)).slice(1)
    return pa.chunked_array([array[:1], array[1:]])


def test_amounts_keep_their_twelve_places() -> None:
    assert _trillionths(column("0.000000000001", "-12.5", "9000000")).tolist() == [1, -12_500_000_000_000, 9 * 10**18]


def test_they_are_rounded_half_away_from_zero() -> None:
    amounts = column("0.0000000015", "-0.0000000015", "0.000000001499", "0.0000000005")
    assert _billionths(_trillionths(amounts)).tolist() == [2, -2, 1, 1]


@pytest.mark.parametrize("amount", ["9300000", "-9300000", "36893488"])
def test_an_amount_that_does_not_fit_is_an_error_and_no_other_amount(amount: str) -> None:
    with pytest.raises(WarehouseError, match="9,000,000 USD"):
        _trillionths(column("1", amount))
