"""What the ETL says of something it did or could not do, in the words and the language of the pages."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from dashboard import format as fmt
from dashboard.language import _

_PREFIX = re.compile(r"^(?:[\w-]+: )?(?:refused: )?(?:[\w-]+: )?")
_FOUND = re.compile(r"found '(?P<found>[^']*)'; allowed: (?P<allowed>.*)", re.S)
_USUAL: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(r"found '(?P<lines>-?[\d.]+) in all'; allowed: (?P<total>-?[\d.]+), the net total"),
        lambda m: _("the lines make {lines}, but the document states {total} before tax",
                    lines=_amount(m["lines"]), total=_amount(m["total"])),
    ),
    (
        re.compile(r"(?P<year>\d{4})-(?P<month>\d\d) closed: (?P<net>-?[\d.]+) CZK net, (?P<vat>-?[\d.]+) CZK VAT"),
        lambda m: _("{month}: {net} before tax, VAT {vat}", month=fmt.month(date(int(m["year"]), int(m["month"]), 1)),
                    net=fmt.money(Decimal(m["net"]), "CZK", 2), vat=fmt.money(Decimal(m["vat"]), "CZK", 2)),
    ),
    (
        re.compile(r"(?P<rows>\d+) rows read, (?P<days>\d+) days changed"),
        lambda m: _("rows read: {rows}, days changed: {days}", rows=fmt.number(int(m["rows"])),
                    days=fmt.number(int(m["days"]))),
    ),
    (re.compile(r"annotation of [\d-]+ kept"), lambda _m: ""),
)  # fmt: skip


def _amount(text: str) -> str:
    return fmt.number(Decimal(text), 2)


def problem_said(text: str | None, name: str = "") -> str:
    """The message in words where it is a usual one, else as the ETL put it without the places it came through.

    `name` is the document spoken of beside it: it need not be said again.
    """
    if not text:
        return ""
    if "a PDF without an embedded invoice" in text:
        known = _("it is a PDF without an invoice inside: type its figures in on the page Invoices")
        return known if name else f"{_document(text)}: {known}"
    for pattern, said in _USUAL:
        if found := pattern.search(text):
            return said(found)
    rest = _PREFIX.sub("", text, count=1)
    rest = rest.removeprefix(f"{name}: ") if name else rest
    return _FOUND.sub(lambda m: _("found “{found}”; allowed: {allowed}", **m.groupdict()), rest)


def _document(text: str) -> str:
    """The file that a message is about: what stands before 'found'."""
    return text.partition(": found")[0].rpartition(": ")[2]
