"""XML documents read safely: no entities, no document type, no network, bounded size; values by path of local names."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from etl.errors import InputError
from etl.sources.fields import Row, shown
from etl.sources.invoices.line import SOURCE

MOST_BYTES = 20_000_000  # the longest e-invoices known have some thousand lines of 2 kB each
_DAY = re.compile(r"(\d{4})(-?)(\d\d)\2(\d\d)(?:Z|[+-]\d\d:\d\d|T00:00:00(?:\.0+)?Z?)?")
_RATE = Decimal("1e-6")  # the scale of tables.WEIGHT


@dataclass(frozen=True)
class Node:
    """An element and where it stands. Paths are local names, e.g. 'Item/Name': namespaces were checked at the root."""

    element: Element
    place: str

    @property
    def root_name(self) -> tuple[str, str]:
        """(namespace, local name)."""
        space, _, local = self.element.tag.rpartition("}")
        return space.removeprefix("{"), local

    def all(self, path: str) -> list["Node"]:
        """Every element at the path, in order; each knows its number."""
        found = self.element.findall("/".join(f"{{*}}{step}" for step in path.split("/")))
        return [Node(e, f"{self.place} {path}[{n}]") for n, e in enumerate(found, 1)]

    def first(self, path: str) -> "Node | None":
        """The first element at the path, or None."""
        found = self.element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
        return None if found is None else Node(found, f"{self.place} {path}")

    def text(self, *paths: str) -> str | None:
        """The stripped text at the first path that has one."""
        for path in paths:
            if (node := self.first(path)) is not None and (text := " ".join((node.element.text or "").split())):
                return text
        return None

    def own(self, attribute: str) -> str | None:
        """An attribute of the element itself."""
        return (self.element.get(attribute) or "").strip() or None

    def required(self, *paths: str) -> str:
        """The text, which must be there."""
        return self.text(*paths) or self._missing(paths[0])

    def amount(self, *paths: str) -> Decimal | None:
        """The exact number at the first path that has a text, or None."""
        return self._row(paths).amount(paths[0])

    def own_amount(self) -> Decimal | None:
        """The exact number that the element itself holds."""
        return Row(SOURCE, self.place, {"value": (self.element.text or "").strip()}).amount("value")

    def money(self, *paths: str) -> Decimal:
        """The amount, which must be there: a missing cost is never 0."""
        if (amount := self.amount(*paths)) is None:
            self._missing(paths[0])
        return amount

    def flag(self, path: str) -> bool:
        """true or false, as XML writes them."""
        text = self.required(path).lower()
        if text not in ("true", "1", "false", "0"):
            raise self.refusal(path, text, "true or false")
        return text in ("true", "1")

    def currency(self, *paths: str) -> str:
        """An ISO 4217 code, upper case."""
        return self._row(paths).currency(paths[0])

    def day(self, *paths: str) -> date | None:
        """The calendar day: 2026-11-30 or 20261130; a zone behind it is left out, since it is a day and no instant."""
        if (text := self.text(*paths)) is None:
            return None
        found = _DAY.fullmatch(text)
        try:
            return date(int(found[1]), int(found[3]), int(found[4])) if found else self._no_day(paths[0], text)
        except ValueError:
            self._no_day(paths[0], text)

    def percent(self, *paths: str) -> Decimal | None:
        """A share from a text in per cent: 0.21 for '21'."""
        found = self.amount(*paths)
        if found is not None and not 0 <= found <= 100:
            raise self.refusal(paths[0], found, "a rate in per cent, 0 to 100")
        return None if found is None else (found / 100).quantize(_RATE)

    def refusal(self, path: str, found: object, allowed: str) -> InputError:
        """The error to raise: what stands at the path is not allowed."""
        return InputError(SOURCE, f"{self.place} {path}", shown(found), allowed)

    def _row(self, paths: tuple[str, ...]) -> Row:
        return Row(SOURCE, self.place, {paths[0]: self.text(*paths)})

    def _no_day(self, path: str, text: str) -> NoReturn:
        raise self.refusal(path, text, "a day, e.g. 2026-11-30") from None

    def _missing(self, path: str) -> NoReturn:
        raise self.refusal(path, "", "a value; it may not be missing")


def root(name: str, raw: bytes) -> Node:
    """The root element of a document. InputError for what is not well-formed, too big, or has entities or a DTD."""
    if len(raw) > MOST_BYTES:
        raise InputError(SOURCE, name, f"an XML document of {len(raw)} bytes", f"at most {MOST_BYTES}")
    parser = DefusedXMLParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(raw.lstrip())
        return Node(parser.close(), name)
    except DefusedXmlException as error:
        found = f"an XML document with {type(error).__name__.removesuffix('Forbidden')}"
        raise InputError(SOURCE, name, found, "XML without a document type and entities") from None
    except (ParseError, ValueError, LookupError) as error:
        raise InputError(
            SOURCE, name, f"an XML document that is broken: {shown(error)}", "a whole, well-formed XML document"
        ) from None


def period(node: Node, start: str, end: str) -> tuple[datetime, datetime] | None:
    """The half-open stretch between two days, of which the document prints the last inclusive; None if one is open."""
    first, last = node.day(start), node.day(end)
    if first is None or last is None:
        return None
    if last < first:
        raise node.refusal(end, last, f"a day not before {first}")
    midnight = datetime.min.time()
    return datetime.combine(first, midnight), datetime.combine(date.fromordinal(last.toordinal() + 1), midnight)
