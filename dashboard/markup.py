"""HTML made on the server: `tag` builds it escaped, `Static` carries it into Dash, `first_paint` writes a whole tree.

Most of a page is text that no callback touches. As one `Static` component instead of hundreds of Dash components it
costs the browser next to nothing, and the same tree is the first paint: readable before any script has run.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from dash.development.base_component import Component
from markupsafe import Markup, escape

Child = Markup | str | None
_VOID = frozenset({"input", "img", "br", "hr", "link", "meta", "rect", "path", "circle", "line"})


def tag(name: str, /, *children: Child | Iterable[Child], **attributes: object) -> Markup:
    """One element, children and attribute values escaped. `class_` and `for_` lose their underscore, others turn into
    hyphens; None and False leave an attribute out, True gives it without a value."""
    opening = f"<{name}{_attributes(attributes)}>"
    if name in _VOID:
        return _marked(opening)  # names are literals of this package, values are escaped
    return _marked(f"{opening}{join(children)}</{name}>")


def join(children: Iterable[Child | Iterable[Child]]) -> Markup:
    """Children one after another, escaped; None is nothing; lists are flattened."""
    parts: list[str] = []
    for child in children:
        if child is None:
            continue
        parts.append(escape(child) if isinstance(child, str) else join(child))
    return _marked("".join(parts))


def _marked(text: str) -> Markup:
    """Markup of escaped text; a page has thousands, and Markup() would ask each whether it is Markup already."""
    return str.__new__(Markup, text)


def _attributes(given: dict[str, object]) -> str:
    written = []
    for key, value in given.items():
        if value is True:
            written.append(f" {_spelled(key)}")
        elif value is not None and value is not False:
            written.append(f' {_spelled(key)}="{escape(str(value))}"')
    return "".join(written)


@cache
def _spelled(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


class Static(Component):
    """Finished HTML as one Dash component (drawn by assets/app.js). Takes Markup only: plain text must be escaped."""

    _namespace = "dashboard"  # where assets/app.js puts it; Dash looks for a package of that name at each component
    _type = "Static"
    _prop_names = ["id", "html"]  # noqa: RUF012  (Dash wants lists)
    _children_props: list[str] = []  # noqa: RUF012
    _base_nodes: list[str] = []  # noqa: RUF012
    _valid_wildcard_attributes: list[str] = []  # noqa: RUF012
    available_properties = ["id", "html"]  # noqa: RUF012
    available_wildcard_properties: list[str] = []  # noqa: RUF012

    def __init__(self, html: Markup) -> None:
        if not isinstance(html, Markup):
            raise TypeError("Static takes Markup: build it with tag()")
        super().__init__(html=str(html))  # type: ignore[no-untyped-call]


_NAMES = {"className": "class", "tabIndex": "tabindex"}


def first_paint(node: Any) -> Markup:
    """The tree as plain HTML, charts as empty boxes of their height: what is on screen before the scripts are."""
    if isinstance(node, (list, tuple)):
        return Markup("").join(first_paint(child) for child in node)
    if isinstance(node, Static):
        return tag("div", Markup(node.html), class_="static")  # type: ignore[attr-defined]  # noqa: S704
    if not isinstance(node, Component):
        return escape("" if node is None else str(node))
    if node._type == "Graph":
        props = _props(node)
        return tag("div", class_=f"{props['className']} is-waiting", style=_style(props["style"]))
    return _element(node)


def _element(node: Component) -> Markup:
    props = {k: v for k, v in _props(node).items() if k not in ("children", "key")}
    attributes = {_NAMES.get(k, k): v for k, v in props.items() if k != "style"}
    children = first_paint(getattr(node, "children", None))
    return tag(node._type.lower(), children, style=_style(props.get("style")), **attributes)


def _props(node: Component) -> dict[str, Any]:
    return dict(node.to_plotly_json()["props"])  # type: ignore[no-untyped-call]


def _style(given: dict[str, Any] | None) -> str | None:
    return ";".join(f"{k}:{v}" for k, v in given.items()) if given else None
