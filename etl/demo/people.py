"""Who there is: units, persons and where they belong, teams and keys of the gateway, head-counts."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from etl.demo.rhythm import days_of, newcomers
from etl.demo.world import Absent, Headcount, Home, Key, Model, Person, Team, Unit

_FOLDER = Path(__file__).parent
_FIRST = (
    "Jan", "Jana", "Petr", "Eva", "Tomáš", "Anna", "Jakub", "Lenka", "Ondřej", "Kateřina", "Martin", "Lucie", "Jiří",
    "Hana", "Pavel", "Tereza", "Filip", "Věra",
)  # fmt: skip
_LAST = (
    "Novák", "Svoboda", "Dvořák", "Černý", "Procházka", "Kučera", "Veselý", "Horák", "Němec", "Pokorný", "Marek",
    "Pospíšil", "Hájek", "Král",
)  # fmt: skip
_PLAIN = str.maketrans("áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ", "acdeeinorstuuyzACDEEINORSTUUYZ")
STUDENTS_DOMAIN = "student.cuni.cz"  # belongs to the university as a whole
STRANGERS_DOMAIN = "example.org"
# share of those who work with whole corpora, case files or archives every day: for them a seat would pay
_POWER_USERS = {"FSV": 0.2, "FF": 0.16, "PF": 0.18, "PŘF": 0.14, "MFF": 0.14}
_POWER_ELSEWHERE = 0.03


def read_units() -> dict[str, Unit]:
    """The units of faculties.csv by code."""
    return {
        row["unit"]: Unit(
            row["unit"], row["parent_unit"] or None, row["level"], row["name_cs"], row["name_en"], row["cost_centre"],
            row["domain"], float(row["share"]), int(row["staff"]), int(row["students"]),
        )
        for row in _rows("faculties.csv")
    }  # fmt: skip


def read_models() -> dict[str, Model]:
    """The models of models.csv by name; prices there are USD per million tokens."""
    return {row["name"]: _model(row) for row in _rows("models.csv")}


def _model(row: dict[str, str]) -> Model:
    def pico(kind: str) -> int:
        return int(Decimal(row[f"{kind}_usd"]) * 10**6)

    return Model(
        name=row["name"],
        provider_model=row["provider_model"],
        provider=row["provider"],
        invoiced_by=row["invoiced_by"],
        input_pico=pico("input"),
        output_pico=pico("output"),
        cached_pico=pico("cached"),
        write_pico=pico("write"),
        appears=float(row["appears"]),
        disappears=float(row["disappears"]),
        liking=float(row["liking"]),
        api_liking=float(row["api_liking"]),
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def identifier(dice: Random) -> str:
    """A random id in the form of a UUID."""
    text = f"{dice.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def make_persons(dice: Random, units: dict[str, Unit], first: date, last: date, count: int) -> tuple[Person, ...]:
    """Persons in the order of their accounts, with homes of every kind the directory knows."""
    days = days_of(first, last)
    joined = sorted(dice.choices(days, [newcomers(d, first, len(days)) for d in days], k=count))
    named = [u for u in units.values() if u.share > 0]
    chosen = dice.choices(named, [u.share for u in named], k=count)
    pairs = enumerate(zip(joined, chosen, strict=True))
    return tuple(
        _person(dice, n, unit=unit, joined=day, units=units, first=first, last=last) for n, (day, unit) in pairs
    )


def _person(
    dice: Random, number: int, *, unit: Unit, joined: date, units: dict[str, Unit], first: date, last: date
) -> Person:
    role = "student" if dice.random() < (0.45 if unit.students else 0) else "staff"
    name = f"{dice.choice(_FIRST)} {dice.choice(_LAST)}"
    known_by, homes = _homes(dice, number, unit=unit, role=role, units=units, first=first, last=last)
    address = _address(name, number, unit, known_by, homes)
    is_pending = number % 19 == 5
    is_developer = not is_pending and dice.random() < (0.16 if unit.unit in ("MFF", "UFAL", "KSI", "IES") else 0.05)
    eager = 1.8 if (joined - first).days < 120 else 0.4  # whose work asks for it came among the first
    is_power = not is_pending and dice.random() < eager * _POWER_USERS.get(unit.unit, _POWER_ELSEWHERE)
    is_heavy = is_developer and number % 2 == 1
    return Person(
        number=number,
        name=name,
        email=address,
        email_at_gateway=_other_spelling(dice, address),
        homes=homes,
        known_by=known_by,
        chat_account=identifier(dice),
        gateway_account=identifier(dice) if is_developer or number % 40 == 7 else None,
        created_at=datetime(joined.year, joined.month, joined.day, 7, 30, tzinfo=UTC).replace(tzinfo=None)
        + timedelta(seconds=dice.randrange(36_000)),
        is_pending=is_pending,
        is_deleted=number % 53 == 11,
        alias=f"{number}.{address}" if known_by == "people" and number % 3 == 0 else None,
        leaves=_leaves(dice, joined, is_power),
        chat_chance=0.0
        if is_pending
        else min(0.9, dice.lognormvariate(-0.8, 0.35) if is_power else dice.lognormvariate(-2.35, 0.95)),
        chat_length=1.2 + (dice.lognormvariate(1.2, 0.4) if is_power else dice.lognormvariate(0.25, 0.75)),
        api_chance=min(0.7, dice.lognormvariate(-2.2, 0.8)) if is_developer else 0.0,
        api_length=(2 if is_heavy else 1) * min(25, 2 + dice.lognormvariate(2.3, 1.1)),
        heft=dice.uniform(50, 170) if is_power else (12 if is_heavy else 1) * min(15.0, dice.lognormvariate(0.2, 1.0)),
        is_power=is_power,
        favourite=dice.getrandbits(16),
    )


def _leaves(dice: Random, joined: date, is_power: bool) -> date | None:
    """The day after which somebody does not come back; who found a daily use for it stays."""
    leaves = joined + timedelta(int(dice.expovariate(1 / 70)) + 1) if dice.random() < 0.38 else None
    return None if is_power else leaves


def _address(name: str, number: int, unit: Unit, known_by: str, homes: tuple[Home, ...]) -> str:
    """An address that tells the home where nothing else does, and nothing where nobody knows it."""
    local = f"{name.translate(_PLAIN).lower().replace(' ', '.')}{number}"
    if known_by == "nobody":
        return f"{local}@{STRANGERS_DOMAIN}"
    return f"{local}@{STUDENTS_DOMAIN if homes[0].unit == 'UK' else unit.domain}"


def _other_spelling(dice: Random, address: str) -> str:
    return address.title() if dice.random() < 0.1 else address


def _homes(
    dice: Random, number: int, *, unit: Unit, role: str, units: dict[str, Unit], first: date, last: date
) -> tuple[str, tuple[Home, ...]]:
    """(known_by, homes): one in nine by people.csv, most by groups, the rest by e-mail domain or by nobody."""
    other = dice.choice([u for u in units.values() if u.level == "faculty" and u.unit != unit.unit])
    match number % 18:
        case 0:  # moves from one faculty to another
            moves = first + timedelta(dice.randrange((last - first).days // 3, (last - first).days + 1))
            return "people", (Home(unit.unit, role, end=moves), Home(other.unit, role, start=moves))
        case 6:
            shares = dice.choice([("0.5", "0.5"), ("0.7", "0.3"), ("0.333333", "0.666667")])
            return "people", tuple(Home(u.unit, role, Decimal(s)) for u, s in zip((unit, other), shares, strict=True))
        case 11:
            return "nobody", ()
        case 3 | 14:
            return "domain", (Home(unit.unit, "staff"),)
        case 17:
            return "domain", (Home("UK", "student"),)
        case _:
            return "group", (Home(unit.unit, role),)


def make_absent(units: dict[str, Unit]) -> tuple[Absent, ...]:
    """People of the directory who have never come: no account, no use."""
    faculties = [u for u in units.values() if u.level == "faculty"]
    return tuple(Absent(f"nikdy{n}@{u.domain}", f"{n}@{u.domain}", u.unit) for n, u in enumerate(faculties))


def make_teams(dice: Random) -> dict[str, Team]:
    """Teams by alias: the chat UI's own, faculties' under several spellings, one whose unit nobody knows, a course."""
    listed = [
        ("Open WebUI", None, None, False),
        ("MFF – výzkum", "mff", "MFF", False),
        ("Přírodovědci", "natur", "PŘF", False),
        ("FF – digitální humanitní vědy", "FF", "FF", False),
        ("IES projekty", "ies", "IES", False),
        ("Staré pracoviště", "XYZ", None, False),
        ("Kurz NPFL140", "UFAL", "UFAL", True),
        ("Bez jednotky", None, None, False),
    ]
    return {
        alias: Team("openwebui" if n == 0 else identifier(dice), alias, unit, payer, is_service)
        for n, (alias, unit, payer, is_service) in enumerate(listed)
    }


def make_keys(dice: Random, persons: Sequence[Person], teams: dict[str, Team], first: date) -> dict[str, Key]:
    """Keys by alias: the chat UI's, one for each developer (some under a team), teams' and services' own."""
    start = datetime(first.year, first.month, first.day)  # UTC, without a zone

    def key(alias: str, **more: object) -> Key:
        values = {"owner": None, "team": None, "payer": None, "created_at": start, **more}
        return Key(alias=alias, token=f"{dice.getrandbits(256):064x}", **values)  # type: ignore[arg-type]

    made = [key("open-webui", team="Open WebUI")]
    shared = [t for t in teams.values() if t.alias not in ("Open WebUI", "Kurz NPFL140")]
    for p in persons:
        if p.api_chance:
            team = shared[p.number % len(shared)] if p.number % 4 == 0 else None
            made.append(
                key(
                    f"key-{p.number}", owner=p.number, team=team and team.alias, payer=team and team.payer,
                    created_at=p.created_at, is_deleted=p.number % 9 == 2,
                )
            )  # fmt: skip
    made += [
        key("mff-cluster", team="MFF – výzkum", payer="MFF"),
        key("old-lab", team="Staré pracoviště", is_deleted=True),
        key("library-search", payer="FF", is_service=True),
        key("moodle-assistant", is_service=True),
        key("course-npfl140", team="Kurz NPFL140", payer="UFAL", is_service=True),
        key("helpdesk-triage", payer="RUK", is_service=True),
    ]
    return {k.alias: k for k in made}


def make_population(units: dict[str, Unit], first: date) -> tuple[Headcount, ...]:
    """Staff and those students who are admitted, per faculty; from October on a little more of the latter."""
    october = date(first.year if first.month < 10 else first.year + 1, 10, 1)
    found: list[Headcount] = []
    for unit in units.values():
        if unit.staff:
            found.append(Headcount(unit.unit, "staff", None, None, unit.staff))
        if unit.students:
            found.append(Headcount(unit.unit, "student", None, october, unit.students))
            found.append(Headcount(unit.unit, "student", october, None, unit.students * 11 // 10))
    return tuple(found)


def make_rates(dice: Random, first: date, last: date) -> dict[tuple[date, str], Decimal]:
    """Invented rates of working days by day and currency, from some days before the first day on."""
    found: dict[tuple[date, str], Decimal] = {}
    level = {"USD": 21.4, "EUR": 24.6, "GBP": 28.3}
    for day in days_of(first - timedelta(14), last):
        level = {currency: rate * (1 + dice.gauss(0, 0.003)) for currency, rate in level.items()}
        if day.weekday() < 5:
            found |= {(day, currency): Decimal(f"{rate:.3f}") for currency, rate in level.items()}
    return found
