"""Orders to close a month and to open it again, as etl/inbox.py carries them out."""

from etl import month_close
from etl.run import Runner
from queries.inbox import Order


def close_month(runner: Runner, order: Order) -> str:
    """Closes the month of the order with all that is loaded. Raises MonthError with every reason against it."""
    with runner.build.transaction():
        runner.loader.keep_ledger()
    return month_close.close(runner.build, order.values.get("month", ""), order.by, runner.clock)


def reopen_month(runner: Runner, order: Order) -> str:
    """Opens the month of the order again and keeps its reason. Raises MonthError when it is not closed."""
    values = order.values
    return month_close.reopen(runner.build, values.get("month", ""), order.by, values.get("reason", ""), runner.clock)
