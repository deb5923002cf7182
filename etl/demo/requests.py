"""What happens on every day: chats with their answers and background tasks, own keys, services, probes, accidents.

A request's `way` says how it came about, and with it who asked, who pays and what it counts as:

chat          a person's message in the chat UI, through the chat UI's key
task          a background task of the chat UI (title, tags, follow-ups)
embedding     a document looked up in the chat UI
own_key       a person's own key
team_key      a team's key that belongs to no person
service       a service account
master        the gateway's master key: nobody knows who
bad_key       a key that does not exist
health        the gateway's own probe
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from etl.demo.people import identifier
from etl.demo.rhythm import HOURS, busyness, days_of
from etl.demo.world import ARENA, EMBEDDING, PICO, Key, Model, Person, Rating, Request, Turn, World

WAYS = ("chat", "task", "embedding", "own_key", "team_key", "service", "master", "bad_key", "health")
TASKS = ("title_generation", "tags_generation", "follow_up_generation")
_MS_PER_TOKEN = {"gpt-5.5": 17, "claude-sonnet": 13, "mistral-large": 12, "llama-3.3-70b": 9, "qwen3-32b": 8,
                 "gpt-5.4-mini": 7, "claude-haiku": 6, "gemini-flash": 4}  # fmt: skip
_FRAGILE = {"gpt-5.5": 1.6, "lab-experiment-7b": 3.0, "claude-haiku": 0.5, "gemini-flash": 0.6, "qwen3-32b": 0.4}
_ERROR_WEIGHTS = (5, 3, 1, 2, 1)
ERRORS = (
    ("RateLimitError", "429"), ("Timeout", "408"), ("InternalServerError", "500"), ("BadRequestError", "400"),
    ("APIConnectionError", "500"),
)  # fmt: skip
# functions of the chat UI that ask a provider by themselves: the gateway sees nothing of them
DIRECT_MODELS = ("anthropic_pipe.anthropic/claude-opus-4-6", "lab_pipe.prototype")
WORKSPACE = {"tutor-statistiky": "gpt-5.4-mini", "korektor-anglictiny": "claude-sonnet"}  # model of the chat UI: base
FALL_BACK = "gpt-5.4-mini"
_EMBEDDING_PICO = PICO * 2 // 10**8  # 0.02 USD per million tokens
_HOURS_SUMMED = tuple(accumulate(HOURS))
_LARGEST, _LARGEST_OF_POWER = 180_000, 400_000  # tokens of context
Tokens = tuple[int, int, int, int, int]  # uncached input, cached, cache-written, output, reasoning
_EMPTY = (0, 0, 0, 0, 0)


class Days:
    """Fills a world with what happens, day by day; everything random comes from one seeded `dice`."""

    def __init__(self, world: World, dice: Random) -> None:
        self._world, self._dice = world, dice
        self._length = (world.last_day - world.first_day).days + 1
        self._models: tuple[Model, ...] = ()
        self._keys = list(world.keys.values())
        self._hashes = [f"{dice.getrandbits(256):064x}" for _ in range(3)]

    def live(self) -> None:
        """Lets every day pass."""
        for day in days_of(self._world.first_day, self._world.last_day):
            age = (day - self._world.first_day).days / self._length
            self._models = tuple(m for m in self._world.models.values() if m.appears <= age < m.disappears)
            self._chat_weights = tuple(accumulate(m.liking * _fashion(m, age) for m in self._models))
            self._api_weights = tuple(accumulate(m.api_liking for m in self._models))
            for person in self._world.persons:
                if person.created_at.date() <= day and (person.leaves is None or day < person.leaves):
                    self._personal_day(person, day)
            self._machines(day)

    def _personal_day(self, person: Person, day: date) -> None:
        role = person.homes[0].role if person.homes else "staff"
        busy = busyness(day, role)
        fresh = 1.9 if (day - person.created_at.date()).days < 9 else 1.0
        if self._dice.random() < person.chat_chance * busy * fresh:
            self._chats(person, day)
        if person.api_chance and self._dice.random() < person.api_chance * busy:
            self._own_key(person, day)

    def _chats(self, person: Person, day: date) -> None:
        answers = 1 + int(self._dice.expovariate(1 / person.chat_length))
        while answers > 0:
            length = min(answers, 1 + int(self._dice.expovariate(1 / 2.2)))
            self._chat(person, _instant(self._dice, day, self._world.zone), length)
            answers -= length

    def _chat(self, person: Person, start: datetime, length: int) -> None:
        dice = self._dice
        chat, at = identifier(dice), max(start, person.created_at + timedelta(seconds=5))
        picked, model = self._picked(person)
        largest = _LARGEST_OF_POWER if person.is_power else _LARGEST
        context = min(largest, int(dice.lognormvariate(8.2, 1.1) * person.heft))
        if dice.random() < 0.08 and model not in DIRECT_MODELS:
            self._add(at, "embedding", person, EMBEDDING, (context, 0, 0, 0, 0), chat=chat, call="aembedding")
        for n in range(length):
            self._answer(person, chat, at=at, picked=picked, model=model, context=context, is_first=n == 0)
            context += int(dice.lognormvariate(6.9, 0.9))
            at += timedelta(seconds=20 + int(dice.expovariate(1 / 150)))

    def _picked(self, person: Person) -> tuple[str, str]:
        """(as picked in the chat UI, the model behind it): mostly a favourite, sometimes something else."""
        chance = self._dice.random()
        if chance < 0.06:
            direct = DIRECT_MODELS[person.favourite % 5 == 0]
            return direct, direct
        if chance < 0.10:
            name = list(WORKSPACE)[person.favourite % 2]
            if any(m.name == WORKSPACE[name] for m in self._models):
                return name, WORKSPACE[name]
        model = self._favourite(person) if chance < 0.7 else self._any(self._chat_weights)
        return (ARENA if chance > 0.985 else model.name), model.name

    def _favourite(self, person: Person) -> Model:
        if person.is_power:
            return max(self._models, key=lambda m: m.input_pico)
        point = person.favourite / 2**16 * self._chat_weights[-1]
        return next(m for m, w in zip(self._models, self._chat_weights, strict=True) if point < w)

    def _any(self, weights: Sequence[float]) -> Model:
        return self._dice.choices(self._models, cum_weights=weights)[0]

    def _answer(
        self, person: Person, chat: str, *, at: datetime, picked: str, model: str, context: int, is_first: bool
    ) -> None:
        dice = self._dice
        is_error = dice.random() < 0.025 * _FRAGILE.get(model, 1.0)
        tokens = _EMPTY if is_error else self._tokens(model, context, int(dice.lognormvariate(6.4, 0.8)))
        if model not in DIRECT_MODELS:
            self._add(at, "chat", person, model, tokens, chat=chat, is_error=is_error)
            for task, chance in zip(TASKS, (0.8, 0.15, 0.0) if is_first else (0.0, 0.0, 0.1), strict=True):
                if dice.random() < chance and not is_error:
                    self._task(person, chat, at, task, context)
        self._turn(person, chat, at=at, picked=picked, model=model, tokens=tokens, is_error=is_error)

    def _task(self, person: Person, chat: str, at: datetime, task: str, context: int) -> None:
        name = "llama-3.3-70b"
        later = at + timedelta(seconds=self._dice.randrange(3, 30))
        self._add(later, "task", person, name, self._tokens(name, min(context, 1500), 24), chat=chat, task=task)

    def _turn(
        self, person: Person, chat: str, *, at: datetime, picked: str, model: str, tokens: Tokens, is_error: bool
    ) -> None:
        dice = self._dice
        message, moment = identifier(dice), at.replace(microsecond=0)
        is_known = not is_error and (model not in DIRECT_MODELS or dice.random() < 0.8)
        dialect = "anthropic" if model in DIRECT_MODELS else "ollama" if model == "qwen3-32b" else "openai"
        if dialect == "ollama":
            tokens = (tokens[0] + tokens[1] + tokens[2], 0, 0, tokens[3], 0)
        usage = (tokens[0], tokens[1], tokens[2], tokens[3], tokens[4]) if is_known else None
        turn = Turn(chat, message, person.number, moment, picked, model, is_error, usage, dialect, is_clone=False)
        self._world.turns.append(turn)
        if not is_error and dice.random() < 0.035:
            liked = 1 if dice.random() < (0.68 if "mini" in model or "llama" in model else 0.84) else -1
            when = moment + timedelta(seconds=dice.randrange(10, 90_000))
            rating = Rating(identifier(dice), person.number, message, chat, when, picked, model, liked)
            self._world.ratings.append(rating)

    def _own_key(self, person: Person, day: date) -> None:
        dice, at = self._dice, _instant(self._dice, day, self._world.zone)
        model = self._any(self._api_weights)
        context = min(_LARGEST, int(dice.lognormvariate(9.5, 1.1) * person.heft))
        for _ in range(1 + int(dice.expovariate(1 / person.api_length))):
            is_error = dice.random() < 0.04 * _FRAGILE.get(model.name, 1.0)
            tokens = _EMPTY if is_error else self._tokens(model.name, context, int(dice.lognormvariate(6.3, 1.0)))
            self._add(at, "own_key", person, model.name, tokens, key=f"key-{person.number}", is_error=is_error)
            at += timedelta(milliseconds=400 + int(dice.expovariate(1 / 9000)))

    def _machines(self, day: date) -> None:
        """What nobody in particular asks for: teams' keys, services, the master key, wrong keys, probes."""
        dice, busy = self._dice, busyness(day, "staff")
        size = min(1.0, len(self._world.persons) / 1000)
        for key in self._keys:
            if key.owner is None and key.alias != "open-webui":
                way = "service" if key.is_service else "team_key"
                for _ in range(int(dice.expovariate(1 / (13 * busy * size + 0.4)))):
                    self._machine(day, way, key)
        if dice.random() < 0.2:
            self._machine(day, "master", None)
        if dice.random() < 0.1:
            at, name = _instant(dice, day, self._world.zone), self._any(self._api_weights).name
            self._add(at, "bad_key", None, name, _EMPTY, key=dice.choice(self._hashes), is_error=True)
        for hour in (2, 14):
            at = datetime(day.year, day.month, day.day, hour, 5)  # UTC, without a zone
            self._add(at, "health", None, "claude-sonnet", (9, 0, 0, 1, 0))

    def _machine(self, day: date, way: str, key: Key | None) -> None:
        name = self._any(self._api_weights).name
        tokens = self._tokens(name, int(self._dice.lognormvariate(7.6, 0.9)), int(self._dice.lognormvariate(5.4, 0.9)))
        is_error = self._dice.random() < 0.02
        at = _instant(self._dice, day, self._world.zone)
        self._add(
            at,
            way,
            None,
            name,
            _EMPTY if is_error else tokens,
            key=None if key is None else key.alias,
            is_error=is_error,
        )

    def _tokens(self, model: str, context: int, output: int) -> Tokens:
        """(uncached input, cached, cache-written, output, reasoning), as providers that cache tell them."""
        dice, cached, written = self._dice, 0, 0
        if context > 1024 and not model.startswith(("llama", "qwen", "lab")):
            cached = int(context * 0.8) if dice.random() < 0.4 else 0
            written = (context - cached) // 2 if "claude" in model else 0
        reasoning = output // 3 if model in ("gpt-5.5", "gpt-5.4-mini") else 0
        return max(1, context - cached - written), cached, written, max(1, output), reasoning

    def _add(
        self, at: datetime, way: str, person: Person | None, model: str, tokens: Tokens, *,
        key: str | None = None, chat: str | None = None, task: str | None = None, call: str = "acompletion",
        is_error: bool = False,
    ) -> None:  # fmt: skip
        dice = self._dice
        served, requested = model, model
        if not is_error and model != FALL_BACK and dice.random() < 0.012 and way in ("chat", "own_key"):
            served = FALL_BACK if any(m.name == FALL_BACK for m in self._models) else model
        cost = _cost_pico(self._world, served, tokens)
        is_hit = not is_error and way in ("own_key", "service") and dice.random() < 0.03
        input_, cached, written, output, reasoning = tokens
        if is_error and dice.random() < 0.3:
            input_ = dice.randrange(20, 900)  # the gateway estimates what a failed request would have taken
            cost = _cost_pico(self._world, served, (input_, 0, 0, 0, 0)) if dice.random() < 0.2 else 0
        self._world.requests.append(
            Request(
                request_id=f"chatcmpl-{dice.getrandbits(128):032x}",
                at=at,
                way=way,
                person=None if person is None else person.number,
                key="open-webui" if chat else key,
                chat=chat,
                task=task,
                call_type=call,
                model=served,
                requested=requested,
                error=dice.choices(ERRORS, _ERROR_WEIGHTS)[0] if is_error else None,
                is_hit=is_hit,
                spent_pico=0 if is_hit else cost,
                saved_pico=cost if is_hit else 0,
                input=input_,
                cached=cached,
                written=written,
                output=output,
                reasoning=reasoning,
                duration_ms=(duration := int(dice.lognormvariate(6.0, 0.5)) + output * _MS_PER_TOKEN.get(served, 11)),
                first_token_ms=duration // 4 if way == "chat" and not is_error else None,
                delay_ms=dice.randrange(3_600_000, 100_000_000) if dice.random() < 0.002 else dice.randrange(900, 9000),
            )
        )


def _cost_pico(world: World, model: str, tokens: Tokens) -> int:
    if model == EMBEDDING:
        return tokens[0] * _EMBEDDING_PICO
    prices = world.models[model]
    input_, cached, written, output, _ = tokens
    return (
        input_ * prices.input_pico
        + cached * prices.cached_pico
        + written * prices.write_pico
        + output * prices.output_pico
    )


def _fashion(model: Model, age: float) -> float:
    """A model is tried by everybody when it is new, and later by fewer and fewer."""
    old = age - model.appears
    return 0.35 + 0.65 * min(1.0, old / 0.06) if old < 0.3 else max(0.3, 1.0 - (old - 0.3) * 1.2)


def _instant(dice: Random, day: date, zone: ZoneInfo) -> datetime:
    """A moment of a local day, as UTC without a zone; in the hour that comes twice either of the two."""
    hour = dice.choices(range(24), cum_weights=_HOURS_SUMMED)[0]
    moment = datetime(
        day.year, day.month, day.day, hour, dice.randrange(60), dice.randrange(60), 1000 * dice.randrange(1000),
        tzinfo=zone, fold=dice.getrandbits(1),
    )  # fmt: skip
    return moment.astimezone(UTC).replace(tzinfo=None)
