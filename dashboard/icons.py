"""Icons as inline SVG on a 24 px grid, drawn with the colour of the text beside them."""

from markupsafe import Markup

from dashboard.markup import tag

_PATHS = {
    "overview": "M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z",
    "adoption": "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.4a3.5 3.5 0 0 "
    "1 0 6.3M18 14.6c2.1.8 3.5 2.7 3.5 5.4",
    "costs": "M4 7.5V18a2 2 0 0 0 2 2h13a1 1 0 0 0 1-1V9.5a1 1 0 0 0-1-1H5.5A1.5 1.5 0 0 1 5.5 5H18M16.5 14.2h.01",
    "models": "M12 3l7.5 4.3v8.9L12 20.6l-7.5-4.4V7.3zM12 12l7.5-4.6M12 12v8.5M12 12L4.5 7.4",
    "plans": "M12 4v16M7.5 20h9M5 7.5h14M5 7.5l-3 6.5a3.2 3.2 0 0 0 6 0zM19 7.5l-3 6.5a3.2 3.2 0 0 0 6 0z",
    "data": "M12 9.5c4.1 0 7.5-1.3 7.5-3S16.1 3.5 12 3.5 4.5 4.8 4.5 6.5s3.4 3 7.5 3zM4.5 6.5v11c0 "
    "1.7 3.4 3 7.5 3s7.5-1.3 7.5-3v-11M4.5 12c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3",
    "faculty": "M3 9.5L12 4l9 5.5zM5 10v8M9.7 10v8M14.3 10v8M19 10v8M3 20.5h18",
    "invoices": "M6 3.5h12v17l-2.4-1.6-2.4 1.6-2.4-1.6-2.4 1.6L6 20.5zM9 8h6M9 12h6",
    "me": "M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c0-3.9 3.4-6.3 7.5-6.3s7.5 2.4 7.5 6.3",
    "methodology": "M5 4.5h9.5a4.5 4.5 0 0 1 4.5 4.5v11H9.5A4.5 4.5 0 0 1 5 15.5zM9 9h6M9 13h6",
    "more": "M5 12h.01M12 12h.01M19 12h.01",
    "download": "M12 4v11M7.5 10.8L12 15.2l4.5-4.4M5 19.5h14",
    "theme": "M12 16.2a4.2 4.2 0 1 0 0-8.4 4.2 4.2 0 0 0 0 8.4zM12 3v1.6M12 19.4V21M3 12h1.6M19.4 12H21M5.6 "
    "5.6l1.2 1.2M17.2 17.2l1.2 1.2M5.6 18.4l1.2-1.2M17.2 6.8l1.2-1.2",
    "empty": "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20.5 20.5L16 16",
    "failed": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9 9l6 6M15 9l-6 6",
    "warning": "M12 4L2.8 19.5h18.4zM12 10v4.5M12 17.2h.01",
    "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.6h.01",
    "up": "M7 17L17 7M9 7h8v8",
    "down": "M7 7l10 10M17 9v8H9",
    "flat": "M5 12h14M14 7.5l5 4.5-5 4.5",
    "print": "M7 8V3.5h10V8M7 17H4.5A1.5 1.5 0 0 1 3 15.5v-6A1.5 1.5 0 0 1 4.5 8h15A1.5 1.5 0 0 1 21 "
    "9.5v6a1.5 1.5 0 0 1-1.5 1.5H17M7 14h10v6.5H7z",
    "arrow": "M5 12h14M13 6l6 6-6 6",
    "done": "M5 12.5l4.5 4.5L19 7.5",
}


def icon(name: str) -> Markup:
    """The icon; hidden from screen readers, for text stands beside it."""
    path = tag("path", d=_PATHS[name])
    return tag("svg", path, class_=f"icon icon-{name}", viewBox="0 0 24 24", aria_hidden="true", focusable="false")
