"""Amounts in few digits, where an exact one would tell of a few persons."""

from decimal import Decimal

DIGITS = 3  # of what is told of some people's use


def shortened(amount: Decimal) -> Decimal:
    """The amount in three digits; whole crowns stay whole."""
    if not amount:
        return amount
    place = Decimal(1).scaleb(amount.adjusted() - DIGITS + 1)
    return (amount / place).quantize(Decimal(1)) * place
