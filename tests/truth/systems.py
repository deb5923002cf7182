"""The source systems of an invented world, growing and losing rows between the product's runs."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import psycopg

from etl.demo import chat, gateway
from etl.demo.files import write_directory, write_invoices, write_rates
from etl.demo.requests import DIRECT_MODELS
from etl.demo.simulation import make_world
from etl.demo.world import EMBEDDING, PICO, Budget, Home, Person, Price, Rating, Request, Turn, World
from tests.truth.held import CALENDAR
from tests.truth.shapes import Named

NAMES = {
    "gpt-4o": Named("gpt-4o", "GPT-4o", "GPT", "openai", "commercial", True, "banned", "public"),
    # two names, counted as one model
    "gpt-5.4-mini": Named("gpt-5", "GPT-5", "GPT", "openai", "commercial", True, "allowed"),
    "gpt-5.5": Named("gpt-5", "GPT-5", "GPT", "openai", "commercial", True, "allowed"),
    "claude-sonnet": Named("claude-sonnet", "Claude Sonnet", "Claude", "anthropic", "commercial", True),
    "claude-haiku": Named("claude-haiku", "Claude Haiku", "Claude", "anthropic", "commercial", True),
    "gemini-flash": Named("gemini-flash", "Gemini Flash", "Gemini", "google", "commercial", True),
    "mistral-large": Named("mistral-large", "Mistral Large", "Mistral", "mistral", "commercial", True),
    "llama-3.3-70b": Named(
        "llama-3.3-70b", "Llama 3.3 70B", "Llama", "self_hosted", "self_hosted", True, None, "sensitive"
    ),
    "qwen3-32b": Named("qwen3-32b", "Qwen3 32B", "Qwen", "self_hosted", "self_hosted", True),
    EMBEDDING: Named(EMBEDDING, "Embeddings", "Embeddings", "openai", "commercial", True),
    DIRECT_MODELS[0]: Named("claude-opus-4-6", "Claude Opus 4.6", "Claude", "anthropic", "commercial", True),
    "lab-experiment-7b": Named("lab-experiment-7b", "lab-experiment-7b", "unknown", "unknown", "unknown", False),
    DIRECT_MODELS[1]: Named(DIRECT_MODELS[1], DIRECT_MODELS[1], "unknown", "unknown", "unknown", False),
}
_PATTERNS = {"gpt-5.4-mini": "gpt-5*", "gpt-5.5": None, DIRECT_MODELS[0]: "*/claude-opus-4-6"}
LOOKED_BACK = timedelta(days=6)  # the product looks for changes in the last 7 days before what it has loaded
_CONFIGURATION = Path(chat.__file__).parent / "config.toml"


def small_world(last_day: date, days: int, *, seed: int, moves: date | None = None) -> World:
    """Forty persons. Some requests reach the gateway's table days late; on `moves` one person changes their groups.

    A month in which somebody only fails, at a cost, follows one in which they asked.
    """
    world = make_world(persons=40, days=days, last_day=last_day, seed=seed)
    dice = Random(seed)
    requests = [
        r._replace(delay_ms=dice.randrange(3_600_000, 250_000_000)) if dice.random() < 0.03 else r
        for r in world.requests
    ]
    persons = list(world.persons)
    if moves is not None:
        mover = mover_of(world)
        home = mover.homes[0]
        other = "FF" if home.unit != "FF" else "PF"
        persons[mover.number] = replace(
            mover,
            homes=(replace(home, end=moves), Home(other, "student" if home.role == "staff" else "staff", start=moves)),
        )
    requests += _costly_failures(world)
    direct = frozenset(sorted({t.chat for t in world.turns if t.model in DIRECT_MODELS})[::3])
    return replace(
        world,
        requests=requests,
        turns=[*world.turns, *_late_clones(world, direct)],
        persons=tuple(persons),
        deleted_chats=world.deleted_chats | direct,
        budgets=_budgets(world),
        prices=_prices(world),
    )


def _late_clones(world: World, chats: frozenset[str]) -> list[Turn]:
    """Copies that outlive their chat: made long before it is deleted, dated when they were made."""
    later = timedelta(days=25)
    copied = [t for t in world.turns if t.chat in chats and not t.is_clone and (t.at + later).date() < world.last_day]
    return [t._replace(chat=f"{t.chat}-copy", at=t.at + later, is_clone=True) for t in copied]


def _budgets(world: World) -> tuple[Budget, ...]:
    """One that lasts, one that does not, one of nothing, one that begins in the middle, one of a unit without use."""
    year = (date(world.last_day.year, 1, 1), date(world.last_day.year + 1, 1, 1))
    middle = world.first_day + timedelta((world.last_day - world.first_day).days // 2)
    return (
        Budget("UK", *year, Decimal(250000), "rok"),
        Budget("MFF", *year, Decimal("31.5"), "málo"),
        Budget("FF", *year, Decimal(0), "nic"),
        Budget("FSV", middle, middle + timedelta(90), Decimal(70), "od poloviny"),
        Budget("HTF", *year, Decimal(10), "bez užití"),
    )


def _prices(world: World) -> tuple[Price, ...]:
    """A price for every model of which a public one could be known; one that changes, one that lacks a kind."""
    models = sorted({n.model for n in NAMES.values() if n.is_mapped})
    plain = [Price(m, None, "list", f"{n}.25", f"0.{n + 1}", f"{n}.5", f"{3 * n}.125") for n, m in enumerate(models, 1)]
    lacking = [p._replace(cache_write_usd="") if p.model == "claude-haiku" else p for p in plain]
    return (*lacking, Price("llama-3.3-70b", world.last_day - timedelta(30), "shadow", "0.5", "0.5", "0.5", "0.75"))


def mover_of(world: World) -> Person:
    """The person placed by groups who is active most: their move must show."""
    busy = [r.person for r in world.requests if r.way == "chat"]
    return max((p for p in world.persons if p.known_by == "group"), key=lambda p: busy.count(p.number))


def _costly_failures(world: World) -> list[Request]:
    """Failed chats that cost something, of persons who asked for nothing else in their month but did before."""
    month = world.last_day.replace(day=1)
    asked = {r.person for r in world.requests if r.way == "chat" and r.at.date() < month}
    silent = sorted(asked - {r.person for r in world.requests if r.at.date() >= month} - {None})
    sample = next(r for r in world.requests if r.way == "chat" and r.error)
    at = datetime(month.year, month.month, 3, 10)  # UTC, without a zone
    return [
        sample._replace(request_id=f"chatcmpl-failed{n}", at=at, person=n, spent_pico=7_000_000_000 + n, delay_ms=1000)
        for n in silent
    ]


class Systems:
    """The gateway's database, the chat UI's file and the folders, filled as far as time has gone."""

    def __init__(self, folder: Path, url: str, world: World, *, seed: int) -> None:
        self.folder, self.url, self.world = folder, url, world
        self._dice = Random(seed)
        self._unsettled: list[Request] = []
        self._unsure: list[Rating] = []
        self._filled = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
        folder.mkdir(parents=True, exist_ok=True)
        with psycopg.connect(url) as connection:
            gateway.make_tables(connection)
            gateway.add_people(connection, world)
        with self.chat() as connection:
            chat.make_tables(connection)
            chat.add_people(connection, world)
        write_directory(folder / "reference", world)
        self._write_reference()
        write_rates(folder / "fx", world)
        (folder / "invoices").mkdir()
        (folder / "config.toml").write_text(_CONFIGURATION.read_text("utf-8"), "utf-8")

    def _write_reference(self) -> None:
        lines = ["pattern,model,title,family,provider,hosting,policy,data_category"]
        for name, named in NAMES.items():
            pattern = _PATTERNS.get(name, name)
            if named.is_mapped and pattern is not None:
                lines.append(",".join((pattern, *named[:5], named.policy or "", named.data_category or "")))
        (self.folder / "reference" / "models.csv").write_text("\n".join(lines), "utf-8")
        rows = [",".join(str(v) for v in c) for c in CALENDAR]
        (self.folder / "reference" / "calendar.csv").write_text(
            "\n".join(["kind,name_cs,name_en,start,end", *rows]), "utf-8"
        )

    @contextmanager
    def chat(self) -> Iterator[sqlite3.Connection]:
        """The chat UI's file; what is done in the context is committed at its end."""
        with closing(sqlite3.connect(self.folder / "webui.db")) as connection, connection:
            yield connection

    def grow(self, until: datetime, *, is_last: bool = False) -> None:
        """Adds what the systems have written since the last time, up to `until`, in no particular order.

        Some of it is changed at the next time, unless this is the last.
        """
        world, since = self.world, self._filled
        recent = until if is_last else until - LOOKED_BACK
        requests = [r for r in world.requests if since < gateway.written_at(r) <= until]
        turns = [t for t in world.turns if since < t.at <= until]
        self._dice.shuffle(requests)
        self._dice.shuffle(turns)
        with psycopg.connect(self.url) as connection:
            self._settle(connection, until)
            self._unsettled = [r for r in requests if not r.error and r.input % 9 == 0 and recent < r.at]
            later = set(self._unsettled)
            gateway.add_requests(connection, world, [r._replace(spent_pico=0) if r in later else r for r in requests])
        with self.chat() as connection:
            chat.add_turns(connection, world, turns)
            self._rate(connection, [r for r in world.ratings if since < r.at <= until], until, recent)
        write_invoices(
            self.folder / "invoices", (b for b in world.bills if datetime(*b.start.timetuple()[:3]) <= until)
        )
        self._filled = until

    def _settle(self, connection: psycopg.Connection, now: datetime) -> None:
        """Writes the cost of requests that had none when they were first written."""
        for r in self._unsettled:
            connection.execute(
                'update "LiteLLM_SpendLogs" set spend = %s, updated_at = %s where request_id like %s',
                (r.spent_pico / PICO, now - timedelta(seconds=1), f"{r.request_id}%"),
            )

    def _rate(self, connection: sqlite3.Connection, ratings: list[Rating], now: datetime, recent: datetime) -> None:
        """Adds ratings; every other one is first given the other way round and thought better of the next time."""
        for r in self._unsure:
            connection.execute(
                "update feedback set data = json_set(data, '$.rating', ?), updated_at = ? where id = ?",
                (r.value, int(now.replace(tzinfo=UTC).timestamp()), r.rating),
            )
        self._unsure = [r for r in ratings if recent < r.at and not self.world.persons[r.person].is_deleted][::2]
        first = {r.rating for r in self._unsure}
        chat.add_ratings(
            connection, self.world, [r._replace(value=-r.value) if r.rating in first else r for r in ratings]
        )

    def forget_requests(self, before: datetime) -> None:
        """The gateway's retention: rows that started before an instant are deleted."""
        with psycopg.connect(self.url) as connection:
            connection.execute('delete from "LiteLLM_SpendLogs" where "startTime" < %s', (before,))

    def delete_chats(self) -> None:
        """People delete chats they have had so far."""
        with self.chat() as connection:
            chat.delete_chats(connection, self.world.deleted_chats)

    def delete_people(self, when: datetime) -> None:
        """Accounts and keys that are deleted in the end."""
        gone = [p for p in self.world.persons if p.is_deleted]
        with self.chat() as connection:
            chat.delete_users(connection, gone)
        with psycopg.connect(self.url) as connection:
            gateway.bury_keys(connection, (k for k in self.world.keys.values() if k.is_deleted), when)
            for person in gone:
                connection.execute('delete from "LiteLLM_UserTable" where user_id = %s', (person.gateway_account,))

    def move(self, person: Person) -> None:
        """The single sign-on gives a person the groups of their later home."""
        moved = replace(person, homes=person.homes[1:])
        with self.chat() as connection:
            connection.execute("delete from group_member where user_id = ?", (person.chat_account,))
            for name in chat.groups_of(moved):
                connection.execute(
                    'insert or ignore into "group" (id, name, created_at, updated_at) values (?, ?, 0, 0)',
                    (f"group-{name}", name),
                )
                connection.execute(
                    "insert into group_member (id, group_id, user_id) values (?, ?, ?)",
                    (f"{name}/{person.number}/2", f"group-{name}", person.chat_account),
                )


def instant(world: World, day: date, hour: int) -> datetime:
    """A local hour as a UTC instant without a zone."""
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=world.zone)
    return moment.astimezone(UTC).replace(tzinfo=None)


def day_of(world: World, number: int) -> date:
    """The n-th day of the world, from 0; negative numbers count from the last."""
    return (world.first_day if number >= 0 else world.last_day + timedelta(1)) + timedelta(number)
