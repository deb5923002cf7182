"""Reference files: the operator's stand before the shipped ones, and a wrong value names its line."""

from datetime import date
from pathlib import Path

import pytest

from etl.errors import InputError
from etl.reference_data import SHIPPED, ModelNames, calendar_rows, date_rows, group_rules, rows_of
from etl.sections import Chat, Directory
from etl.settings import Settings

MODELS = "pattern,model,title,family,provider,hosting\n"
CALENDAR = "kind,name_cs,name_en,start,end\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reference").mkdir()
    return tmp_path / "reference"


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(directory=Directory(folder=folder), base=folder.parent)


def test_the_operators_file_stands_before_the_shipped_one(settings: Settings, folder: Path) -> None:
    shipped = list(rows_of(settings, "calendar.csv", ("kind",)))
    assert len(shipped) > 10
    (folder / "calendar.csv").write_text(CALENDAR + "exam,Zkouškové,Exams,2026-01-01,2026-02-01\n", "utf-8")
    assert [row["name_cs"] for _, row in rows_of(settings, "calendar.csv", ("kind",))] == ["Zkouškové"]


def test_a_file_that_nobody_has_is_empty(settings: Settings) -> None:
    assert list(rows_of(settings, "no_such.csv", ("x",))) == []


def test_comments_and_blank_lines_are_skipped_and_places_are_lines_of_the_file(
    settings: Settings, folder: Path
) -> None:
    text = "\ufeff# made by hand\n" + CALENDAR + "\n# next\nexam, Zkouškové ,Exams,2026-01-01,2026-02-01\n"
    (folder / "calendar.csv").write_text(text.replace("\ufeff# made", "# made"), "utf-8-sig")
    [(place, row)] = list(rows_of(settings, "calendar.csv", ("kind",)))
    assert place == "calendar.csv line 5"
    assert row["name_cs"] == "Zkouškové"


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        (
            "calendar.csv",
            (CALENDAR + "exam,a,b,2026-13-01,2026-02-01\n").encode(),
            r"calendar\.csv line 2: .*2026-13-01",
        ),
        (
            "calendar.csv",
            (CALENDAR + "exam,a,b,2026-01-01,2026-02-01,x\n").encode(),
            r"line 2: found '6 fields'; allowed: 5 fields",
        ),
        (
            "calendar.csv",
            b"kind,start,end\nexam,2026-01-01,2026-02-01\n",
            r"a header with the columns name_cs, name_en",
        ),
        ("calendar.csv", (CALENDAR + "exam,Zkou\u0142kov\u0119").encode("cp1250"), r"calendar\.csv: .*UTF-8"),
    ],
)
def test_a_wrong_calendar_names_file_line_value_and_what_is_allowed(
    name: str, raw: bytes, said: str, settings: Settings, folder: Path
) -> None:
    (folder / name).write_bytes(raw)
    with pytest.raises(InputError, match=said):
        calendar_rows(settings)


def test_an_unknown_hosting_is_refused_with_the_choices(settings: Settings, folder: Path) -> None:
    (folder / "models.csv").write_text(MODELS + "gpt*,gpt,GPT,gpt,openai,cloud\n", "utf-8")
    with pytest.raises(InputError, match=r"line 2 hosting: found 'cloud'; allowed: commercial, self_hosted, unknown"):
        ModelNames.read(settings)


def test_a_models_name_is_mapped_by_the_first_pattern_that_fits_whatever_its_case(
    settings: Settings, folder: Path
) -> None:
    lines = "gpt-5.5-mini*,mini,Mini,gpt,openai,commercial\nGPT-5.5*,big,Big,gpt,openai,commercial\n"
    (folder / "models.csv").write_text(MODELS + lines, "utf-8")
    names = ModelNames.read(settings)
    asked = ("openai-gpt-5.5", "gpt-5.5", "GPT-5.5-Mini-2026-01-01")
    assert [names.row(n)["model"] for n in asked] == ["openai-gpt-5.5", "big", "mini"]
    assert [names.row(n)["is_mapped"] for n in asked] == [False, True, True]


def test_an_unknown_model_counts_under_its_own_name_without_an_address_in_it(settings: Settings) -> None:
    row = ModelNames.read(settings).row("model of ann@cuni.cz")
    assert (row["name"], row["model"], row["hosting"]) == ("model of ann@cuni.cz", "model of …@…", "unknown")


def test_models_that_never_go_through_the_gateway_are_told_by_the_configured_patterns(settings: Settings) -> None:
    chat = Chat(sqlite_file=Path("x"), direct_models=("Pipe.*",))
    names = ModelNames.read(settings.model_copy(update={"chats": (chat,)}))
    assert [names.row(n)["is_direct"] for n in ("pipe.claude", "claude")] == [True, False]


def test_the_shipped_files_can_be_read(settings: Settings) -> None:
    assert calendar_rows(settings)
    assert len(ModelNames.read(settings).patterns) > 50
    assert (SHIPPED / "faculties.csv").is_file()


def test_every_period_of_the_shipped_calendar_ends_after_it_starts(settings: Settings) -> None:
    wrong = [row for row in calendar_rows(settings) if row[3] >= row[4]]
    assert wrong == []


def test_days_are_told_by_week_term_and_kind() -> None:
    calendar = [
        ("term_winter", "ZS", "Winter", date(2026, 10, 1), date(2027, 2, 1)),
        ("holiday", "Den", "Day", date(2026, 10, 28), date(2026, 10, 29)),
    ]
    found = {row["day"]: row for row in date_rows(date(2026, 9, 15), date(2026, 10, 31), calendar).to_pylist()}
    assert min(found) == date(2026, 9, 1)
    assert max(found) == date(2027, 10, 31)
    assert len(found) == (max(found) - min(found)).days + 1
    assert found[date(2026, 9, 30)]["term"] is None
    first = found[date(2026, 10, 1)]
    assert (first["term"], first["term_week"], first["weekday"]) == ("Winter", 1, 4)
    assert first["week_start"] == date(2026, 9, 28)
    assert found[date(2026, 10, 5)]["term_week"] == 2
    assert found[date(2026, 10, 28)]["is_holiday"] is True
    assert found[date(2026, 10, 29)]["is_holiday"] is False
    assert [found[date(2026, 10, d)]["is_weekend"] for d in (2, 3, 4)] == [False, True, True]


def test_groups_say_unit_and_role_by_the_list_first_and_else_by_pattern(settings: Settings, folder: Path) -> None:
    (folder / "groups.csv").write_text("group,unit,role\nfac:MFF,FF,\nphysicists,mff,staff\n", "utf-8")
    units = {"MFF": "MFF", "MATFYZ": "MFF", "FF": "FF"}
    names = ["fac:MFF", "fac:matfyz", "aff:Student", "physicists", "fac:nowhere", "chess"]
    assert group_rules(names, units, settings) == [
        ("fac:MFF", "FF", None),
        ("fac:matfyz", "MFF", None),
        ("aff:Student", None, "student"),
        ("physicists", "MFF", "staff"),
    ]


RULED = "pattern,model,title,family,provider,hosting,policy,data_category\n"


def test_a_models_policy_and_data_category_are_optional(settings: Settings, folder: Path) -> None:
    lines = "gpt*,gpt,GPT,gpt,openai,commercial,banned,public\nllama*,llama,Llama,llama,x,self_hosted,,\n"
    (folder / "models.csv").write_text(RULED + lines, "utf-8")
    names = ModelNames.read(settings)
    found = [(row["policy"], row["data_category"]) for row in map(names.row, ("gpt-5", "llama-3", "other"))]
    assert found == [("banned", "public"), (None, None), (None, None)]
    (folder / "models.csv").write_text(MODELS + "gpt*,gpt,GPT,gpt,openai,commercial\n", "utf-8")
    assert ModelNames.read(settings).row("gpt-5")["policy"] is None


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (("forbidden,", ","), r"line 2 policy: found 'forbidden'; allowed: allowed, banned or nothing"),
        ((",secret", ","), r"line 2 data_category: found 'secret'; allowed: public, internal, sensitive or nothing"),
        (("banned,", "allowed,"), r"line 3 policy: found 'allowed'; allowed: 'banned', as on the model's first line"),
    ],
)
def test_a_wrong_policy_is_refused(rules: tuple[str, str], said: str, settings: Settings, folder: Path) -> None:
    lines = [f"{pattern}*,gpt,GPT,gpt,openai,commercial,{rule}\n" for pattern, rule in zip("ab", rules, strict=True)]
    (folder / "models.csv").write_text(RULED + "".join(lines), "utf-8")
    with pytest.raises(InputError, match=said):
        ModelNames.read(settings)
