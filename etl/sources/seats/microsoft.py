"""Microsoft 365 Copilot: the usage detail by user, as CSV from the admin centre or as JSON from Microsoft Graph.

It has the days of last activity in each application and no counts. Names may be hashed by a setting of the tenant.
"""

from collections.abc import Iterable, Iterator, Mapping

from etl.sources.fields import Row
from etl.sources.seats.report import ROSTER, Holders, Report, Seat, day_of, last_day, merged
from etl.sources.sheets import Sheet

PRODUCT = "m365-copilot-academic"
_CSV = {"refreshed": "Report Refresh Date", "name": "User Principal Name"}
_JSON = {"refreshed": "reportRefreshDate", "name": "userPrincipalName"}


def is_detail(header: frozenset[str]) -> bool:
    """Whether a table is the usage detail."""
    return {_CSV["refreshed"], _CSV["name"], "Last Activity Date"} <= header


def is_answer(names: frozenset[str]) -> bool:
    """Whether the entries of a JSON answer are the usage detail."""
    return {_JSON["refreshed"], _JSON["name"], "lastActivityDate"} <= names


def detail(sheet: Sheet, holders: Holders) -> Report:
    """Every licensed user of the table."""
    return _report(sheet.records(), holders, _CSV)


def answer(rows: Iterator[Row], holders: Holders) -> Report:
    """Every licensed user of the answer."""
    return _report(rows, holders, _JSON)


def _report(rows: Iterable[Row], holders: Holders, names: Mapping[str, str]) -> Report:
    product = holders.product(PRODUCT)
    return Report(ROSTER, merged(_user(row, holders, product, names) for row in rows))


def _user(row: Row, holders: Holders, product: str, names: Mapping[str, str]) -> Seat:
    day, holder = day_of(row, names["refreshed"]), holders.of(row.required(names["name"]))
    columns = [c for c in row.cells if c.replace(" ", "").lower().endswith("lastactivitydate")]
    return Seat(
        product=product,
        report_day=day,
        holder_key=holder.key,
        is_identified=holder.is_identified,
        email_domain=holder.email_domain,
        last_active_day=last_day(row, columns, day),
    )
