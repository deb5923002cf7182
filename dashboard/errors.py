"""The errors of the dashboard package, one tree.

DashboardError
└── OptionsError   an option at the start is not as it must be
"""


class DashboardError(Exception):
    """Anything this package refuses."""


class OptionsError(DashboardError):
    """An option is wrong: names it, its value and the choices."""
