"""What a snapshot's small groups are hidden by: read once per snapshot."""

from collections import defaultdict

from queries.suppression import Rules
from queries.warehouse import Snapshot


class SmallGroups:
    """Keeps the rules of the last snapshot asked for."""

    def __init__(self) -> None:
        self._last: tuple[str, Rules] | None = None

    def rules(self, snapshot: Snapshot) -> Rules:
        """The rules of this snapshot; two threads may read them at once, to the same end."""
        last = self._last
        if last is None or last[0] != snapshot.version:
            last = self._last = (snapshot.version, _rules(snapshot))
        return last[1]


def _rules(snapshot: Snapshot) -> Rules:
    keys = snapshot.rows("select key from step_key", {}).column("key").to_pylist()
    cells: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in snapshot.rows("select breakdown, unit, member from closed_cell", {}).to_pylist():
        cells[row["breakdown"]].add((row["unit"], row["member"]))
    closed = {name: frozenset(found) for name, found in cells.items()}
    return Rules(snapshot.minimum_group, snapshot.root_unit, "".join(keys).encode(), closed)
