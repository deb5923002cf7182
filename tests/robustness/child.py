"""Loads and publishes round after round and says what it has acknowledged; arguments: FOLDER FIRST_ROUND ROUNDS."""

import sys
from contextlib import closing
from pathlib import Path

from etl.errors import EtlError
from queries.errors import QueriesError
from tests.robustness import world


def one_round(folder: Path, round_no: int) -> None:
    """Loads and publishes; prints a line once something is committed, so that it may be held to it."""
    with closing(world.runner(folder, round_no)) as runner:
        failed = [o for o in runner.run() if o.status != "DONE"]
        if failed:
            raise EtlError("; ".join(f"{o.job}: {o.message}" for o in failed))
        count = runner.build.connection.execute("select count(*) from fact_request").fetchone()
        assert count
        print(f"loaded {round_no} {count[0]}", flush=True)
        print(f"published {round_no} {runner.publish()}", flush=True)


def main(folder: Path, first: int, rounds: int) -> int:
    """0 when all rounds are done, 1 with one line on the error stream when something was refused."""
    print("ready", flush=True)
    try:
        for round_no in range(first, first + rounds):
            one_round(folder, round_no)
    except (EtlError, QueriesError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
