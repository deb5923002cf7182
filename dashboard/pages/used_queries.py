"""Which queries a card asks, read from its code: so that the methodology can link to the pages that use a metric."""

from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType, FunctionType

from queries.catalogue import catalogue

PACKAGE = "dashboard."


@cache
def queries_of(build: Callable[..., object]) -> frozenset[str]:
    """Names of the queries named in a function and in all functions of this package that it calls."""
    return frozenset(_named(build, set()))


def _named(function: object, seen: set[object]) -> Iterator[str]:
    if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith(PACKAGE):
        return
    seen.add(function)
    for code in _codes(function.__code__):
        yield from (text for text in _texts(code.co_consts) if text in catalogue())
        for name in code.co_names:
            yield from _named(function.__globals__.get(name), seen)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def _texts(values: tuple[object, ...]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from _texts(value)
