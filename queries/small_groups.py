"""What a snapshot's small groups are hidden by: worked out once per snapshot, from its tables alone."""

from queries.closed import Crowd, closed
from queries.suppression import SMALL_UNIT, Rules
from queries.warehouse import Snapshot


class SmallGroups:
    """Keeps the rules of the last snapshot asked for."""

    def __init__(self) -> None:
        self._last: tuple[str, Rules] | None = None

    def rules(self, snapshot: Snapshot) -> Rules:
        """The rules of this snapshot; two threads may work them out at once, to the same end."""
        last = self._last
        if last is None or last[0] != snapshot.version:
            last = self._last = (snapshot.version, _rules(snapshot))
        return last[1]


def _rules(snapshot: Snapshot) -> Rules:
    keys = snapshot.rows("select key from step_key", {}).column("key").to_pylist()
    crowds = [Crowd(**row) for row in snapshot.rows("select * from crowd", {}).to_pylist()]
    units = snapshot.rows("select unit, parent_unit from unit", {}).to_pylist()
    parents = {row["unit"]: row["parent_unit"] for row in units}
    least = snapshot.minimum_group
    amounts = closed((c for c in crowds if c.breakdown != "home"), parents, least)
    homes = closed((c for c in crowds if c.breakdown == "home"), parents, SMALL_UNIT * least)
    return Rules(least, snapshot.root_unit, "".join(keys).encode(), amounts | homes)
