"""A folder with everything the product reads: both databases, files, and the configuration that names them."""

from datetime import date
from pathlib import Path

from etl.demo.chat import write_chat
from etl.demo.documents import write_documents
from etl.demo.files import write_directory, write_invoices, write_rates
from etl.demo.gateway import write_gateway
from etl.demo.seats import write_seats
from etl.demo.server import empty_database, start_gateway
from etl.demo.simulation import make_world
from etl.demo.world import World

CONFIGURATION = Path(__file__).parent / "config.toml"
GATEWAY_URL_ENV = "DEMO_GATEWAY_URL"
SECRET_ENV = "DEMO_SECRET"  # noqa: S105 - the variable's name
SECRET = "the-demo-holds-no-real-person-so-its-secret-need-not-be-one"  # noqa: S105 - of invented persons
PERSONS, DAYS, SEED = 2600, 457, 1


def make_sources(folder: Path, *, last_day: date, persons: int = PERSONS, days: int = DAYS, seed: int = SEED) -> World:
    """Makes (or makes anew) all sources and config.toml in `folder`; the gateway's database is stopped afterwards
    unless the caller holds it open with `start_gateway`.

    The configuration reads the gateway's URL from DEMO_GATEWAY_URL and the secret from DEMO_SECRET.
    """
    folder.mkdir(parents=True, exist_ok=True)
    world = make_world(persons=persons, days=days, last_day=last_day, seed=seed)
    with start_gateway(folder) as url:
        empty_database(url)
        write_gateway(url, world)
    write_files(folder, world)
    return world


def write_files(folder: Path, world: World) -> None:
    """The sources that are files, and config.toml."""
    write_chat(folder / "webui.db", world)
    write_directory(folder / "reference", world)
    write_rates(folder / "fx", world)
    write_invoices(folder / "invoices", world.bills)
    write_seats(folder / "seats", world)
    write_documents(folder / "invoices", world)
    (folder / "config.toml").write_text(CONFIGURATION.read_text("utf-8"), "utf-8")
