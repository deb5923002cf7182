"""The only colours, sizes and type of the dashboard: CSS tokens for the pages and a layout for the figures.

Data colours keep a contrast of at least 3:1 on the cards of both themes (tested), and everything else in a figure is
coloured by CSS tokens, so switching the theme and printing need neither a callback nor a new figure.
"""

from typing import Any, Final

FONT: Final = '"Inter", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

LIGHT: Final = {
    "canvas": "#f5f6f8",
    "card": "#ffffff",
    "sunken": "#eff1f4",
    "ink": "#14181f",
    "ink-2": "#4a5260",
    "ink-3": "#626b7a",
    "line": "#e2e5ea",
    "line-strong": "#cbd1da",
    "grid": "#eaecf0",
    "accent": "#1f5fd0",
    "accent-soft": "#e9f0fd",
    "accent-ink": "#1b51b3",
    "good": "#0b7a5b",
    "good-soft": "#e4f5ef",
    "warn": "#8a5a00",
    "warn-soft": "#fff4dd",
    "warn-line": "#ecd39b",
    "bad": "#b3261e",
    "bad-soft": "#fdecea",
    "shadow": "0 1px 2px rgb(20 24 31 / 5%)",
    "heat": "#6a9bf0",
}
DARK: Final = {
    "canvas": "#0d1015",
    "card": "#151a21",
    "sunken": "#1d232c",
    "ink": "#eceff4",
    "ink-2": "#b1b9c6",
    "ink-3": "#939dac",
    "line": "#262d38",
    "line-strong": "#3a4352",
    "grid": "#232a34",
    "accent": "#7ba7f7",
    "accent-soft": "#1a2740",
    "accent-ink": "#9cbefa",
    "good": "#4cc79e",
    "good-soft": "#12291f",
    "warn": "#e5b454",
    "warn-soft": "#2a2213",
    "warn-line": "#574519",
    "bad": "#f28b82",
    "bad-soft": "#331a19",
    "shadow": "0 1px 2px rgb(0 0 0 / 35%)",
    "heat": "#2f5cb5",
}

DATA: Final = {
    "blue": "#3b76e1",
    "teal": "#14917c",
    "amber": "#b9770e",
    "pink": "#c2559a",
    "violet": "#8767d6",
    "green": "#5d9140",
    "red": "#cc5b4c",
    "cyan": "#2389ab",
    "olive": "#8b8230",
    "plum": "#a0609e",
    "indigo": "#6a67c9",
    "brown": "#98694b",
    "rose": "#d4577a",
    "moss": "#6f7f58",
    "grey": "#7c8696",
}
SERIES: Final = ("blue", "teal", "amber", "violet", "pink", "green", "cyan", "red", "olive", "plum",
                 "indigo", "brown", "rose", "moss")  # fmt: skip
BAND: Final = "rgba(124,134,150,0.065)"
CONFIG: Final = {
    "displayModeBar": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
}


def _rules(tokens: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in tokens.items())


def css() -> str:
    """The tokens of both themes as CSS: what the system prefers unless the reader chose; paper is always light."""
    data = _rules({f"data-{name}": value for name, value in DATA.items()})
    light, dark = _rules(LIGHT), _rules(DARK)
    return (
        f":root{{color-scheme:light;--font:{FONT};{data}{light}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}"
    )


def colour(position: int) -> str:
    """Data colour of the n-th thing of a stable list (not of a ranking: colour means identity)."""
    return DATA[SERIES[position % len(SERIES)]]


def layout(*, separators: str, right: int = 12, bottom: int = 28, left: int = 44, top: int = 12) -> dict[str, Any]:
    """What every figure's layout starts from. Text, grid and hover colours are CSS, see style.css."""
    axis = {"zeroline": False, "fixedrange": True, "ticks": "", "showline": False, "automargin": False, "title": None}
    return {
        "font": {"family": FONT, "size": 12, "color": LIGHT["ink-3"]},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 4},
        "separators": separators,
        "showlegend": False,
        "dragmode": False,
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": LIGHT["card"], "bordercolor": LIGHT["line-strong"],
                       "font": {"family": FONT, "size": 12.5}, "align": "left"},
        "xaxis": {**axis, "showgrid": False, "showspikes": True, "spikemode": "across", "spikethickness": 1,
                  "spikedash": "solid", "spikecolor": DATA["grey"], "spikesnap": "cursor"},
        "yaxis": {**axis, "showgrid": True, "gridcolor": LIGHT["grid"], "rangemode": "tozero", "nticks": 5},
    }  # fmt: skip
