"""The doctor: says what is wrong and how to mend it, about everything, whatever fails first."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from etl import doctor
from etl.doctor import examine
from etl.errors import ConfigError, SourceError
from etl.jobs import Job
from etl.sections import Directory, Storage
from etl.settings import Settings
from etl.sources.base import Finding
from tests.conftest import TEST_SECRET
from tests.etl.builders import MemorySource, gateway


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Files only, and a good secret."""
    monkeypatch.setenv("SANDBOX_SECRET", TEST_SECRET)
    return Settings(storage=Storage(folder=tmp_path / "var"), base=tmp_path)


def found(settings: Settings) -> dict[str, list[Finding]]:
    """{what: findings}."""
    answer: dict[str, list[Finding]] = {}
    for name, finding in examine(settings):
        answer.setdefault(name, []).append(finding)
    return answer


class Broken(MemorySource):
    """Finds one thing and then can't be read."""

    def examine(self) -> Iterator[Finding]:
        yield Finding("ok", "connection", "answers")
        raise SourceError(self.name, "rights", "may not read LiteLLM_SpendLogs")


def test_a_missing_secret_is_told_with_a_command_that_makes_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SANDBOX_SECRET")
    answer = found(settings)
    [secret] = answer["identity"]
    assert (secret.level, secret.subject) == ("fail", "SANDBOX_SECRET")
    assert "openssl rand -hex 32" in secret.remedy
    assert list(answer) == ["identity", "storage"]


def test_the_secret_itself_is_never_shown(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("hunter2", "hunter2" * 9):
        monkeypatch.setenv("SANDBOX_SECRET", value)
        assert "hunter2" not in str(found(settings))


def test_a_folder_that_can_not_be_written_is_told_with_its_reason(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be", "utf-8")
    [storage] = found(settings)["storage"]
    assert (storage.level, storage.subject) == ("fail", str(tmp_path / "var"))
    assert storage.found == "can't be written: File exists"
    assert storage.remedy


@pytest.mark.parametrize(("gigabytes", "level"), [(4, "warn"), (6, "ok")])
def test_a_disk_that_is_nearly_full_is_told(
    gigabytes: int, level: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(f_bavail=gigabytes * 10**6, f_frsize=1000)
    monkeypatch.setattr(doctor.os, "statvfs", lambda _: free)
    [storage] = found(settings)["storage"]
    assert storage.level == level


def test_the_folder_is_made_for_its_owner_alone(settings: Settings, tmp_path: Path) -> None:
    found(settings)
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_every_source_is_examined_though_one_can_not_be_opened_and_one_fails_midway(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> Any:
        raise ConfigError("environment variable LITELLM_DATABASE_URL is not set")

    broken = Broken("openwebui")
    known = [Job("litellm", "gateway", refuse), Job("openwebui", "chat", lambda: closing(broken)), gateway().job("fx")]
    monkeypatch.setattr(doctor, "jobs", lambda *_: known)
    answer = found(settings)
    assert [f.found for f in answer["gateway:litellm"]] == ["environment variable LITELLM_DATABASE_URL is not set"]
    assert [f.level for f in answer["chat:openwebui"]] == ["ok", "fail"]
    assert "may not read LiteLLM_SpendLogs" in answer["chat:openwebui"][1].found
    assert [f.found for f in answer["fx:litellm"]] == ["in memory"]


def test_a_directory_that_can_not_be_read_is_told_and_the_others_are_tried(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "domains.csv").write_text("domain,unit,role\nnot a domain,MFF,emperor\n", "utf-8")
    broken = settings.model_copy(update={"directory": Directory(folder=tmp_path / "people")})
    answer = found(broken)
    [wrong] = [f for f in answer["directory"] if f.level == "fail"]
    assert "domains.csv" in wrong.found
    assert {"fx", "invoices", "seats"} <= set(answer)


def test_a_source_that_breaks_is_told_without_what_it_quoted_and_the_others_are_tried(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def collapse() -> Any:
        raise ValueError("Invalid IPv6 URL: postgresql://reader:se[cret@db/litellm")

    monkeypatch.setattr(doctor, "jobs", lambda *_: [Job("litellm", "gateway", collapse), gateway().job("fx")])
    answer = found(settings)
    [broken] = answer["gateway:litellm"]
    assert (broken.level, "se[cret" in str(broken)) == ("fail", False)
    assert broken.remedy
    assert answer["fx:litellm"]


def test_everything_that_fails_says_how_to_mend_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "jobs", lambda *_: [Broken("openwebui").job("chat")])
    failed = [f for findings in found(settings).values() for f in findings if f.level == "fail"]
    assert len(failed) == 1
    assert all(f.remedy for f in failed)
