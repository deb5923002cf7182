"""Accounts and groups of each generation, in both databases."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from etl.identity import Pseudonyms
from etl.sections import Chat
from etl.sources.base import Source, Window
from etl.sources.openwebui import openwebui_source
from etl.tables import ACCOUNT, GROUP_MEMBER, RATING, Table
from tests.etl.sources.openwebui_databases import (
    NEW,
    OLD,
    OLDEST,
    PLANTED,
    Rows,
    copy_to_postgres,
    make_sqlite,
    user,
)

Make = Callable[[Mapping[str, str], Mapping[str, Rows]], Source]
ALL = Window()
LONG_AGO = Window(datetime(2001, 1, 1), datetime(2001, 1, 2))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def make(request: Any, tmp_path: Path, pseudonyms: Pseudonyms, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A function that makes a database of the given tables and rows and gives the source that reads it."""

    def build(tables: Mapping[str, str], rows: Mapping[str, Rows]) -> Source:
        file = make_sqlite(tmp_path / "webui.db", tables, rows)
        if request.param == "sqlite":
            return openwebui_source(Chat(sqlite_file=file), pseudonyms, tmp_path)
        url = request.getfixturevalue("new_database")("webui")
        copy_to_postgres(file, url)
        monkeypatch.setenv("WEBUI_URL", url)
        return openwebui_source(Chat(database_url_env="WEBUI_URL"), pseudonyms, tmp_path)

    return build


def taken(source: Source, table: Table, window: Window = ALL) -> list[dict[str, Any]]:
    return [row for batch in source.extract(table, window) for row in batch.to_pylist()]


def test_an_account_carries_keys_role_and_the_configured_domain_only(make: Make, pseudonyms: Pseudonyms) -> None:
    source = make(NEW, {"user": [user("jana", email="Jana@MFF.cuni.cz", role="pending")]})

    assert taken(source, ACCOUNT) == [
        {
            "account_key": pseudonyms.key("jana"),
            "person_key": pseudonyms.key("jana@mff.cuni.cz"),
            "email_domain": "mff.cuni.cz",
            "role": "pending",
            "is_pending": True,
            "is_service": False,
            "created_at": datetime(2025, 10, 9, 8, 53, 20),
        }
    ]


def test_without_an_e_mail_the_person_is_the_sso_id_and_without_that_the_account(
    make: Make, pseudonyms: Pseudonyms
) -> None:
    source = make(NEW, {"user": [
        user("a", email="a@gmail.com", oauth={"oidc": {"sub": "1"}}),
        user("b", email="", oauth={"oidc": {"sub": "25646902"}}),
        user("c", email=None, oauth={"google": {}, "oidc": {"sub": "7"}}),
        user("d", email="none", oauth=None)]})  # fmt: skip

    assert [(r["person_key"], r["email_domain"]) for r in taken(source, ACCOUNT)] == [
        (pseudonyms.key(person), None) for person in ("a@gmail.com", "25646902", "7", "d")
    ]


def test_older_versions_keep_the_sso_id_in_a_column_of_its_own(make: Make, pseudonyms: Pseudonyms) -> None:
    source = make(OLD, {"user": [user("b", email="", oauth_sub="oidc@25646902", api_key=PLANTED)]})
    rows = taken(source, ACCOUNT)

    assert [r["person_key"] for r in rows] == [pseudonyms.key("oidc@25646902")]
    assert PLANTED not in str(rows)
    assert any("user.oauth_sub" in note for note in source.notes())


def test_accounts_and_members_are_snapshots_whatever_the_window(make: Make) -> None:
    source = make(NEW, {"user": [user("jana")], "group": [{"id": "g", "name": "fac:MFF"}],
                        "group_member": [{"id": "1", "group_id": "g", "user_id": "jana"}]})  # fmt: skip

    assert len(taken(source, ACCOUNT, LONG_AGO)) == 1
    assert len(taken(source, GROUP_MEMBER, LONG_AGO)) == 1


def test_two_groups_of_one_name_are_one_membership_and_an_address_in_a_name_is_masked(
    make: Make, pseudonyms: Pseudonyms
) -> None:
    groups = [
        {"id": "1", "name": "fac:MFF"},
        {"id": "2", "name": "fac:MFF"},
        {"id": "3", "name": "of jana@mff.cuni.cz"},
    ]
    members = [{"id": f"{g['id']}", "group_id": g["id"], "user_id": "jana"} for g in groups]
    rows = taken(make(NEW, {"group": groups, "group_member": members}), GROUP_MEMBER)

    assert sorted((r["account_key"], r["group_name"]) for r in rows) == [
        (pseudonyms.key("jana"), "fac:MFF"),
        (pseudonyms.key("jana"), "of …@…"),
    ]


def test_older_versions_keep_members_inside_the_group(make: Make, pseudonyms: Pseudonyms) -> None:
    source = make(OLD, {"group": [
        {"id": "1", "name": "fac:MFF", "user_ids": ["jana", "petr"]},
        {"id": "2", "name": "empty", "user_ids": None}]})  # fmt: skip

    assert {(r["account_key"], r["group_name"]) for r in taken(source, GROUP_MEMBER)} == {
        (pseudonyms.key("jana"), "fac:MFF"),
        (pseudonyms.key("petr"), "fac:MFF"),
    }
    assert any("group.user_ids" in note for note in source.notes())


def test_the_oldest_versions_have_neither_groups_nor_ratings_and_the_notes_say_so(make: Make) -> None:
    source = make(OLDEST, {"user": [user("jana")]})

    assert [len(taken(source, table)) for table in (ACCOUNT, GROUP_MEMBER, RATING)] == [1, 0, 0]
    assert [note.split(":")[0] for note in source.notes()] == [
        "no table chat_message (Open WebUI before 0.8.0)",
        "no table feedback",
        "neither user.oauth nor user.oauth_sub",
        "no table group",
        "no table model",
    ]
