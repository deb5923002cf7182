"""The language of the page being built: `_` and `ngettext` give its words, `speaking` sets it.

Catalogues are .po files read once at the start; nothing compiled is kept, so nothing can be out of date. A Czech line
never ends with a preposition of one letter, nor between a number and its unit.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("cs", "en")
_TIED = re.compile(r"(?<![^\s(„–])([kosuvzaiKOSUVZAI]) (?=\S)|(?<=[\d}]) (?=(?:%|Kč|USD|EUR)(?!\w))")
FOLDER = Path(__file__).parent / "translations"
_current: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within it, every text is in that language."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def language() -> str:
    """Code of the current language: cs or en."""
    return _current.get()


def _(text: str, **values: object) -> str:
    """`text` in the current language, with {named} values filled in."""
    said = _catalogue(language()).gettext(text)
    return said.format(**values) if values else said


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """The form for `n` (Czech has three), with {n} and other values filled in."""
    grouped = f"{n:,}".replace(",", "\u00a0") if language() == "cs" else f"{n:,}"
    return _catalogue(language()).ngettext(one, many, n).format(**{"n": grouped, **values})


def translated(text: str) -> str | None:
    """`text` in the current language, or None when the catalogue hasn't got it (texts that come with the data)."""
    said = _catalogue(language()).gettext(text)
    return said if said != text or language() == "en" else None


@cache
def _catalogue(code: str) -> NullTranslations:
    file = FOLDER / f"{code}.po"
    if not file.exists():
        return NullTranslations()  # English is the language of the source
    compiled = BytesIO()
    with file.open("rb") as text:
        catalogue = read_po(text, locale=code)
    for message in catalogue:
        if code == "cs" and message.id:
            message.string = (
                _tied(message.string)
                if isinstance(message.string, str)
                else tuple(_tied(form) for form in message.string or ())
            )
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _tied(text: str) -> str:
    """The text with spaces that no line breaks at where Czech wants them."""
    return _TIED.sub(lambda found: f"{found[1] or ''}\u00a0", text)
