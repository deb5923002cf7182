"""After the configured time use stands under units alone: who caused it is given up, no amount changes."""

import logging
from datetime import date

from etl.load import put_setting
from etl.run import Runner

log = logging.getLogger(__name__)

_HOLDERS = """
select distinct a.account_no
from account_rule as r
join account as a on a.account_no = r.account_no
where not r.is_service
    and not starts_with(a.account_key, 'forgotten')
    and r.person_no in (select person_no from person_daily where day < $before)
"""


def fold(runner: Runner) -> int:
    """Moves what persons did before the cut-off to the anonymous accounts of their units; gives the number of days.

    Usage and cost of those days are made anew. Counts of active persons stay as they were counted: the bit strings of
    who was active on a day are kept, since distinct counts over any period come from them. The setting folded_before
    says of which days that holds, for whatever makes a day anew later.
    """
    months = runner.settings.retention.person_months
    if months is None:
        return 0
    before = cutoff(runner.loader.today, months)
    run = runner.build.connection.execute
    accounts = [n for (n,) in run(_HOLDERS, {"before": before}).fetchall()]
    if not accounts:
        return 0
    with runner.build.transaction():
        runner.build.run("staging/forget", {"accounts": accounts, "before": before})
        _note(runner, before)
        days = run("insert into ops.dirty_day select distinct day from leaving_day returning day").fetchall()
        runner.loader.resolve()
        runner.loader.rebuild()
    log.info("what persons did before %s stands under units now: %d days", before, len(days))
    return len(days)


def _note(runner: Runner, before: date) -> None:
    """Keeps the cut-off; one that was later once stays, since what it folded stays folded."""
    run = runner.build.connection.execute
    held = run("select value from ops.setting where key = 'folded_before'").fetchone()
    put_setting(runner.build.connection, "folded_before", max(before.isoformat(), held[0] if held else ""))


def cutoff(today: date, months: int) -> date:
    """First day of the month `months` whole months before today's."""
    number = today.year * 12 + today.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
