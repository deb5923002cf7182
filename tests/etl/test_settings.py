"""Settings: one file, checked once at start, whose example shows every key with its default."""

import re
import tomllib
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from etl.errors import ConfigError
from etl.settings import Settings, load, secret

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
GATEWAY = '[[gateways]]\ndatabase_url_env = "DB"\n'


def refused(folder: Path, text: str) -> str:
    """What is said about a configuration of this text."""
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as error:
        load(file)
    return str(error.value).replace(f"{file}: ", "")


def uncommented() -> str:
    """The example with every key in force: a key's # stands at the very start of its line, without a space."""
    return re.sub(r"^#(?=\[|[a-z_]+ = )", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)


def part_in(annotation: Any) -> type[BaseModel] | None:
    """The table of keys a setting's type speaks of, if it is one."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    inner = get_args(annotation) if get_origin(annotation) in (tuple, Union, UnionType) else ()
    return next((found for a in inner if (found := part_in(a))), None)


def keys(part: type[BaseModel], prefix: str = "") -> dict[str, FieldInfo]:
    """{dotted key: field} of every key that is not itself a table of keys."""
    found = {}
    for name, field in part.model_fields.items():
        if inner := part_in(field.annotation):
            found |= keys(inner, f"{prefix}{name}.")
        elif prefix:
            found[f"{prefix}{name}"] = field
    return found


def shown(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """{dotted key: value} of the example; of a repeated table the first one that has the key."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        tables = value if isinstance(value, list) and value and isinstance(value[0], dict) else [value]
        for one in tables:
            is_part = isinstance(one, dict) and f"{prefix}{name}" not in keys(Settings)
            inner = shown(one, f"{prefix}{name}.") if is_part else {f"{prefix}{name}": one}
            found = inner | found
    return found


def test_the_example_names_every_key_and_no_other() -> None:
    assert set(shown(tomllib.loads(uncommented()))) == set(keys(Settings))


def test_the_example_shows_every_default() -> None:
    example = shown(tomllib.loads(uncommented()))
    for key, field in keys(Settings).items():
        if field.default is not PydanticUndefined and field.default is not None:
            default = list(field.default) if isinstance(field.default, tuple) else field.default
            assert example[key] == (str(default) if isinstance(default, Path) else default), key


def test_the_example_as_it_is_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(EXAMPLE.read_text("utf-8"), "utf-8")
    assert load(tmp_path / "config.toml") == Settings(base=tmp_path)


def test_the_example_is_valid_with_every_key_in_force(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(uncommented(), "utf-8")
    settings = load(tmp_path / "config.toml")
    assert [g.name for g in settings.gateways] == ["litellm", "litellm_rest"]
    assert [c.name for c in settings.chats] == ["openwebui", "openwebui_pg"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[storag]\n", "unknown key storag; known: access, chats, dashboard, directory, fx, gateways, identity,"),
        ("[storage]\nfoldr = 'x'\n", "unknown key storage.foldr; known: folder, keep_snapshots, memory_limit, threads"),
        (GATEWAY + "alias = 'x'\n", "unknown key gateways.1.alias; known: accept_readable_content, api_key_env, api_u"),
        (
            "[[invoices.apis]]\nprovider='openai'\nkey_env='K'\nurls='x'\n",
            "unknown key invoices.apis.1.urls; known: first_day, key_env, provider, revised_days, url",
        ),
        ("[university]\nlanguage = 'de'\n", "university.language is 'de': Input should be 'cs' or 'en'"),
        ("[university]\ntimezone = 'CET+1'\n", "university.timezone is 'CET+1': not a known time zone, e.g. Europe/Pr"),
        ("[storage]\nthreads = 'two'\n", "storage.threads is 'two': Input should be a valid integer"),
        ("[storage]\nkeep_snapshots = 1\n", "storage.keep_snapshots is 1: Input should be greater than or equal to 2"),
        ("storage = 'var'\n", "storage is 'var': a table is needed: [storage]"),
        ("[gateways]\nname = 'x'\n", "gateways: a list is needed: [[gateways]] once for each table"),
        ("[[invoices.mappings]]\nfiles = 'x'\ncolumns = {}\n", "invoices.mappings.1.provider: this key is needed"),
        ("[[gateways]]\n", "gateways.1: give exactly one of database_url_env and api_url"),
        ("[[gateways]]\napi_url = 'https://x'\n", "gateways.1: api_url needs api_key_env"),
        (
            GATEWAY + "[[chats]]\nname='litellm'\nsqlite_file='x'\n",
            "two sources have the same name; names: litellm, lite",
        ),
        ("[schedule]\nfx = '90x'\n", "schedule.fx is '90x': use an interval like 15m, 1h or 1d, or five cron fields"),
        ("[schedule]\nfx = '99 1 * * *'\n", "schedule.fx is '99 1 * * *': Error validating expression '99'"),
        ("[directory]\ngroup_pattern = '('\n", "directory: group_pattern is no regular expression: missing )"),
        ("[directory]\nrole_pattern = 'x'\n", "directory: role_pattern needs a named group (?P<role>...)"),
        ("[dashboard]\nhost = '0.0.0.0'\n", "dashboard: auth = 'demo' has no sign-in and may only listen on 127.0.0.1"),
        (
            "[[invoices.apis]]\nprovider='openai'\nkey_env='K'\nfirst_day='2025-13-01'\n",
            "invoices.apis.1.first_day is '2",
        ),
        ("[university]\nroot_unit = 'unknown'\n", "university.root_unit is 'unknown': not a code of letters, digits"),
        ("[university]\nroot_unit = ''\n", "university.root_unit is '': not a code of letters"),
        (GATEWAY + "name = 'fx'\n", "no gateway or chat can be called fx; taken: anthropic_costs, directory, fx"),
        ("storage = \n", "not valid TOML: Invalid value (at line 1, column 11)"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_that_names_key_value_and_choices(
    text: str, said: str, tmp_path: Path
) -> None:
    line = refused(tmp_path, text)
    assert said in line
    assert "\n" not in line


def test_each_wrong_key_has_a_line_of_its_own(tmp_path: Path) -> None:
    lines = refused(tmp_path, "[storage]\nthreads = 0\nfoldr = 'x'\n").splitlines()
    assert [line.split(":")[0].split(";")[0] for line in lines] == ["storage.threads is 0", "unknown key storage.foldr"]


def test_a_missing_file_is_told_with_where_to_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file; start from config\.example\.toml"):
        load(tmp_path / "config.toml")


@pytest.mark.parametrize(
    "text",
    [
        "[identity]\nsecret_env = 'hunter2-hunter2'\n",
        "[identity]\nsecret = 'hunter2-hunter2'\n",
        "[[gateways]]\ndatabase_url_env = 'postgresql://reader:hunter2@db/litellm'\n",
        "[[gateways]]\napi_url = 'ftp://reader:hunter2@host/'\napi_key_env = 'K'\n",
        "[[gateways]]\ndatabase_url = 'postgresql://reader:hunter2@db/litellm'\n",
    ],
)
def test_a_secret_put_into_the_file_by_mistake_is_not_shown(text: str, tmp_path: Path) -> None:
    assert "hunter2" not in refused(tmp_path, text)


def test_a_secret_comes_from_the_environment_and_its_absence_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("A_SECRET", "value")
    assert secret("A_SECRET") == "value"
    monkeypatch.setenv("A_SECRET", "")
    with pytest.raises(ConfigError, match="environment variable A_SECRET is not set"):
        secret("A_SECRET")


def test_paths_are_relative_to_the_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[storage]\nfolder = 'here'\n", "utf-8")
    settings = load(tmp_path / "config.toml")
    assert settings.path(settings.storage.folder) == tmp_path / "here"
    assert settings.path(Path("/elsewhere")) == Path("/elsewhere")


def test_a_file_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"can't be read: Is a directory; give a file like config\.example\.toml"):
        load(tmp_path)


def test_the_root_is_kept_in_capitals_as_all_codes_are(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[university]\nroot_unit = 'uk'\n", "utf-8")
    assert load(tmp_path / "config.toml").university.root_unit == "UK"
