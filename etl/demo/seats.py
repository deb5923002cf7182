"""Seats that the invented university bought elsewhere: reports on them as the vendors give them, and their terms.

Some holders also use the sandbox, some use their seat alone, some never came, some stopped, some have left.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import NamedTuple

from etl.demo.world import Absent, Person, World

MONTHS = 8  # with reports, up to the last day
_EVERY = 13  # one in so many has a ChatGPT seat
_ALLOWANCE = 400  # credits a month, in plans.csv and in what the busiest come to
_SPARE = 18  # seats bought and given to nobody
PLANS = (
    "plan name vendor kind currency seat_fee billing_months minimum_seats commitment_months is_removable includes"
    " allowance is_pooled reset overage overage_price discount source source_day certainty note"
)
_USERS = (
    "cadence period_start period_end account_id public_id name email role user_role department groups user_status"
    " created_or_invited_date is_active first_day_active_in_period last_day_active_in_period messages messages_rank"
    " model_to_messages gpt_messages gpts_messaged gpt_to_messages tool_messages tools_messaged tool_to_messages"
    " project_messages projects_messaged project_to_messages projects_created credits_used last_day_active"
)


class Member(NamedTuple):
    """Holder of a ChatGPT seat: since when, until when they used it (None: never), and how much a day."""

    email: str
    joined: date
    stops: date | None
    daily: float


def make_plans(world: World) -> list[Sequence[object]]:
    """What was agreed for ChatGPT Edu, invented: a plan of one's own stands before the shipped one."""
    note = "invented for the demo"
    return [
        ("chatgpt-edu", "ChatGPT Edu", "OpenAI", "chat", "USD", 25, 1, 150, 12, "false", "credits", _ALLOWANCE, "false",
         "month", "blocked", "0.1", "0.1", "contract of the demo", world.first_day, "high", note),
    ]  # fmt: skip


def make_leavers(world: World) -> list[tuple[Absent, date]]:
    """Employees who have left, and the day from which they are gone."""
    faculties = [u for u in world.units.values() if u.level == "faculty"]
    return [
        (Absent(f"odesel{n}@{unit.domain}", f"o{n}@{unit.domain}", unit.unit), world.last_day - timedelta(35 + 11 * n))
        for n, unit in enumerate(faculties[:9])
    ]


def write_seats(folder: Path, world: World) -> None:
    """Monthly user reports of ChatGPT Edu, usage details of Copilot with hashed names, counts, Claude's summaries."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = Random(f"seats {world.last_day} {len(world.persons)}")
    members = _members(world, dice)
    days = list(_reports(world))
    for day in days:
        _write(folder / f"chatgpt-users-{day:%Y-%m}.csv", _USERS, _user_rows(members, day, dice))
        _write_copilot(folder / f"copilot-{day:%Y-%m}.csv", day, len(world.persons))
    bought = [("chatgpt-edu", days[0], len(members) + _SPARE), ("m365-copilot-academic", days[0], _copilots(world) + 5)]
    _write(folder / "seat_counts.csv", "product day bought", bought)
    _write_claude(folder / "claude-summaries.json", world, dice)


def _reports(world: World) -> Iterator[date]:
    """The last days of the last months, and the last day there is."""
    day = world.last_day
    found: list[date] = []
    while len(found) < MONTHS and day >= world.first_day:
        found.append(day)
        day = day.replace(day=1) - timedelta(1)
    yield from reversed(found)


def _members(world: World, dice: Random) -> list[Member]:
    """One person in thirteen, some who work with it all day, the people who never came, and who has left by now."""
    able = [p for p in world.persons if not p.is_pending and p.known_by != "nobody"]
    chosen = [p for p in able if p.number % _EVERY == 1 or (p.is_power and p.number % 3 == 0)]
    found = [_member(p, world, dice) for p in chosen]
    first = world.last_day - timedelta(240)
    found += [Member(a.email, first, world.last_day, dice.uniform(0.4, 3)) for a in world.absent]
    found += [Member(a.email, first, gone - timedelta(9), 1.0) for a, gone in make_leavers(world)]
    return found


def _member(person: Person, world: World, dice: Random) -> Member:
    joined = max(person.created_at.date(), world.last_day - timedelta(dice.randrange(20, 260)))
    if person.is_power:
        return Member(person.email, joined, world.last_day, dice.uniform(9, 16))
    luck = dice.random()
    if luck < 0.2:
        return Member(person.email, joined, None, 0)
    stops = joined + timedelta(dice.randrange(10, 120)) if luck < 0.47 else world.last_day
    return Member(person.email, joined, stops, min(14.0, dice.lognormvariate(0.3, 1.0)))


def _user_rows(members: Iterable[Member], day: date, dice: Random) -> Iterator[Sequence[object]]:
    """The report of the month up to `day`: every member who has joined by then."""
    start = day.replace(day=1)
    for number, member in enumerate(members):
        if member.joined > day:
            continue
        first, last = max(start, member.joined), _last_active(member, day, number)
        in_period = last if last and last >= first else None
        messages = round(member.daily * ((in_period - first).days + 1) * dice.uniform(0.7, 1.3)) if in_period else 0
        models = {"gpt-5-5": messages - messages // 4, "gpt-5-5-thinking": messages // 4} if messages else {}
        known: dict[str, object] = {
            "cadence": "Monthly", "period_start": start, "period_end": day, "account_id": f"account-{number:04}",
            "public_id": f"user-{number:04}", "email": member.email, "user_role": "standard-user",
            "user_status": "enabled", "created_or_invited_date": member.joined, "is_active": int(bool(messages)),
            "first_day_active_in_period": first if in_period else None, "last_day_active_in_period": in_period,
            "messages": messages, "model_to_messages": models, "credits_used": min(messages * 2, _ALLOWANCE),
            "last_day_active": last,
        }  # fmt: skip
        yield [known.get(column) for column in _USERS.split()]


def _last_active(member: Member, day: date, number: int) -> date | None:
    """The last day up to `day` on which the seat was used; None = not yet."""
    if member.stops is None:
        return None
    last = min(member.stops, day - timedelta(number % 6))
    return last if last >= member.joined else None


def _copilots(world: World) -> int:
    return max(6, len(world.persons) // 50)


def _write_copilot(file: Path, day: date, persons: int) -> None:
    """The usage detail of a tenant that hashes names; one in six has stopped, one in nine never began."""
    apps = ("Microsoft Teams", "Word", "Excel", "PowerPoint", "Outlook")
    header = ["Report Refresh Date", "Report Period", "User Principal Name", "Display Name", "Last Activity Date"]
    rows = []
    for number in range(max(6, persons // 50)):
        name = sha256(f"copilot {number}".encode()).hexdigest()[:32].upper()
        last = None if number % 9 == 4 else day - timedelta(70 if number % 6 == 2 else number % 5)
        uses = [last if last and number % (n + 2) == 0 else None for n in range(len(apps))]
        rows.append([day, 30, name, name[::-1], last, *uses])
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow([*header, *(f"{app} Copilot Last Activity Date" for app in apps)])
        writer.writerows(["" if c is None else c for c in row] for row in rows)


def _write_claude(file: Path, world: World, dice: Random) -> None:
    """Daily summaries of a small Claude Enterprise of 40 seats."""
    data = []
    for ago in range(89, -1, -1):
        day = world.last_day - timedelta(ago)
        month = 27 + dice.randrange(5)
        data.append(
            {
                "starting_at": f"{day}T00:00:00Z",
                "ending_at": f"{day + timedelta(1)}T00:00:00Z",
                "assigned_seat_count": 40,
                "pending_invite_count": 2,
                "daily_active_user_count": month // 3,
                "weekly_active_user_count": month * 2 // 3,
                "monthly_active_user_count": month,
            }
        )
    file.write_text(json.dumps({"data": data, "next_page": None}, indent=1), "utf-8")


def _write(file: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(header.split())
        writer.writerows(["" if c is None else c for c in row] for row in rows)
