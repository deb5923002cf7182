"""What the made-up university consists of: units, models with prices, calendar."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ROLES = ("student", "staff", "other")
_FACULTIES = (
    ("MFF", "Matematicko-fyzikální fakulta", "Faculty of Mathematics and Physics", 12),
    ("PřF", "Přírodovědecká fakulta", "Faculty of Science", 11),
    ("FF", "Filozofická fakulta", "Faculty of Arts", 14),
    ("FSV", "Fakulta sociálních věd", "Faculty of Social Sciences", 10),
    ("PF", "Právnická fakulta", "Faculty of Law", 8),
    ("1LF", "1. lékařská fakulta", "First Faculty of Medicine", 9),
    ("2LF", "2. lékařská fakulta", "Second Faculty of Medicine", 4),
    ("3LF", "3. lékařská fakulta", "Third Faculty of Medicine", 4),
    ("LFP", "Lékařská fakulta v Plzni", "Faculty of Medicine in Pilsen", 4),
    ("LFHK", "Lékařská fakulta v Hradci Králové", "Faculty of Medicine in Hradec Králové", 3),
    ("FaF", "Farmaceutická fakulta v Hradci Králové", "Faculty of Pharmacy in Hradec Králové", 3),
    ("PedF", "Pedagogická fakulta", "Faculty of Education", 9),
    ("FHS", "Fakulta humanitních studií", "Faculty of Humanities", 5),
    ("FTVS", "Fakulta tělesné výchovy a sportu", "Faculty of Physical Education and Sport", 3),
    ("ETF", "Evangelická teologická fakulta", "Protestant Theological Faculty", 1),
    ("KTF", "Katolická teologická fakulta", "Catholic Theological Faculty", 1),
    ("HTF", "Husitská teologická fakulta", "Hussite Theological Faculty", 1),
)
_DEPARTMENTS = (
    ("MFF-UFAL", "MFF", "Ústav formální a aplikované lingvistiky", "Institute of Formal and Applied Linguistics", 2),
    ("MFF-KSI", "MFF", "Katedra softwarového inženýrství", "Department of Software Engineering", 2),
    ("MFF-FU", "MFF", "Fyzikální ústav UK", "Institute of Physics of Charles University", 1),
    ("FF-UJKN", "FF", "Ústav jazyků a komunikace neslyšících", "Institute of Deaf Studies", 1),
    ("FSV-IES", "FSV", "Institut ekonomických studií", "Institute of Economic Studies", 3),
    ("1LF-UBI", "1LF", "Ústav biochemie", "Institute of Biochemistry", 1),
)
_SPECIAL = (
    ("UNKNOWN", "Neznámá součást", "Unknown unit"),
    ("SHARED", "Společné náklady", "Shared cost"),
    ("UNALLOCATED", "Nerozdělené náklady", "Unallocated cost"),
)
FACULTIES = tuple(f[0] for f in _FACULTIES)
FACULTY_SHARES = tuple(f[3] / sum(f[3] for f in _FACULTIES) for f in _FACULTIES)
HOMES = FACULTIES + tuple(d[0] for d in _DEPARTMENTS) + ("UNKNOWN",)
_WEIGHTS = [f[3] for f in _FACULTIES] + [d[4] for d in _DEPARTMENTS] + [3]
HOME_SHARES = [w / sum(_WEIGHTS) for w in _WEIGHTS]
UNITS: list[list[str | None]] = [
    ["UK", None, "university", "Univerzita Karlova", "Charles University", None],
    *[[u, "UK", "faculty", cs, en, f"{1100 + 10 * i}"] for i, (u, cs, en, _) in enumerate(_FACULTIES)],
    *[[u, parent, "department", cs, en, None] for u, parent, cs, en, _ in _DEPARTMENTS],
    *[[u, "UK", "special", cs, en, None] for u, cs, en in _SPECIAL],
]

_HOURS = [1, 1, 1, 0, 0, 1, 2, 5, 9, 12, 13, 12, 9, 11, 12, 11, 10, 8, 7, 7, 7, 6, 4, 2]
HOUR_SHARES = [h / sum(_HOURS) for h in _HOURS]


@dataclass(frozen=True)
class Model:
    """A model with its price in USD per million tokens and its share of requests on the first and the last day."""

    model: str
    title: str
    family: str
    provider: str
    hosting: str
    input_usd: Decimal
    output_usd: Decimal
    early: float
    late: float
    is_mapped: bool = True

    @property
    def described(self) -> list[object]:
        """Its row in the table `model`."""
        return [self.model, self.title, self.family, self.provider, self.hosting, self.is_mapped]


MODELS = (
    Model("gpt-5", "GPT-5", "GPT", "openai", "commercial", Decimal("1.25"), Decimal("10"), 26, 16),
    Model("gpt-5-mini", "GPT-5 mini", "GPT", "openai", "commercial", Decimal("0.25"), Decimal("2"), 30, 18),
    Model(
        "claude-sonnet-4-5",
        "Claude Sonnet 4.5",
        "Claude",
        "anthropic",
        "commercial",
        Decimal("3"),
        Decimal("15"),
        12,
        20,
    ),
    Model(
        "claude-haiku-4-5", "Claude Haiku 4.5", "Claude", "anthropic", "commercial", Decimal("1"), Decimal("5"), 4, 10
    ),
    Model("claude-opus-4-5", "Claude Opus 4.5", "Claude", "anthropic", "commercial", Decimal("5"), Decimal("25"), 0, 4),
    Model("gemini-2.5-pro", "Gemini 2.5 Pro", "Gemini", "google", "commercial", Decimal("1.25"), Decimal("10"), 8, 9),
    Model(
        "gemini-2.5-flash", "Gemini 2.5 Flash", "Gemini", "google", "commercial", Decimal("0.3"), Decimal("2.5"), 6, 8
    ),
    Model("mistral-large", "Mistral Large", "Mistral", "mistral", "commercial", Decimal("2"), Decimal("6"), 5, 2),
    Model("llama-3.3-70b", "Llama 3.3 70B", "Llama", "self_hosted", "self_hosted", Decimal("0"), Decimal("0"), 7, 3),
    Model("qwen3-235b", "Qwen3 235B", "Qwen", "self_hosted", "self_hosted", Decimal("0"), Decimal("0"), 1, 8),
    Model(
        "rag-assistant", "rag-assistant", "unknown", "unknown", "unknown", Decimal("0.5"), Decimal("1.5"), 1, 2, False
    ),
)

CALENDAR = [
    [kind, cs, en, start, end]
    for year in range(2024, 2028)
    for kind, cs, en, start, end in (
        (
            "term",
            f"zimní semestr {year}/{year - 1999}",
            f"winter term {year}/{year - 1999}",
            date(year, 10, 1),
            date(year + 1, 1, 12),
        ),
        (
            "exam",
            f"zimní zkouškové {year}/{year - 1999}",
            f"winter exams {year}/{year - 1999}",
            date(year + 1, 1, 12),
            date(year + 1, 2, 16),
        ),
        (
            "term",
            f"letní semestr {year}/{year - 1999}",
            f"summer term {year}/{year - 1999}",
            date(year + 1, 2, 16),
            date(year + 1, 5, 25),
        ),
        (
            "exam",
            f"letní zkouškové {year}/{year - 1999}",
            f"summer exams {year}/{year - 1999}",
            date(year + 1, 5, 25),
            date(year + 1, 7, 1),
        ),
        ("holiday", "Den vzniku Československa", "Independence Day", date(year, 10, 28), date(year, 10, 29)),
        ("holiday", "Den boje za svobodu", "Freedom and Democracy Day", date(year, 11, 17), date(year, 11, 18)),
        ("holiday", "Vánoce", "Christmas", date(year, 12, 24), date(year, 12, 27)),
        ("holiday", "Nový rok", "New Year", date(year + 1, 1, 1), date(year + 1, 1, 2)),
        ("holiday", "Svátek práce", "Labour Day", date(year + 1, 5, 1), date(year + 1, 5, 2)),
        ("holiday", "Den vítězství", "Victory Day", date(year + 1, 5, 8), date(year + 1, 5, 9)),
    )
] + [
    ["event", "školení pro vyučující", "training for teachers", date(2026, 2, 25), date(2026, 2, 26)],
    ["event", "spuštění modelů Claude", "launch of Claude models", date(2026, 4, 14), date(2026, 4, 15)],
]
