"""Roles and grants: data that says who may see what, and is refused where it makes no sense."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from queries.errors import RightsError
from queries.rights import Access, Grant, Role, Rules, Standing, grants_in

UNITS = {"MFF": "MFF", "PRF": "PrF", "UK": "UK"}


def grant(kind: str, value: str | None, role: str, unit: str | None = None) -> Grant:
    """A grant in short."""
    return Grant.model_validate({"kind": kind, "value": value, "role": role, "unit": unit})


def standing(*grants: Grant, user: str = "a@cuni.cz", groups: tuple[str, ...] = ()) -> Standing | None:
    """What these grants give the user."""
    rules = Rules(Access(grants=grants))
    return rules.standing(rules.held(user, groups), UNITS, "UK")


def test_a_group_names_the_unit_of_its_members() -> None:
    deans = grant("group", "fac-{unit}-deans", "faculty", "{unit}")
    found = standing(deans, groups=("students", "FAC-prf-Deans", "fac-mff-deans"))
    assert found == Standing("faculty", "faculty", ("MFF", "PrF"), frozenset())


@pytest.mark.parametrize(
    "group", ["fac--deans", "fac-mff", "xfac-mff-deans", "fac-mff-deans-x", "fac-m ff-deans", "fac-nowhere-deans"]
)
def test_a_group_of_another_name_gives_nothing(group: str) -> None:
    assert standing(grant("group", "fac-{unit}-deans", "faculty", "{unit}"), groups=(group,)) is None


def test_a_groups_name_is_no_pattern() -> None:
    assert standing(grant("group", "fac.*", "management"), groups=("fac-x",)) is None
    assert standing(grant("group", "fac.*", "management"), groups=("fac.*",)) is not None


def test_users_are_known_in_any_spelling_of_their_address() -> None:
    assert standing(grant("user", "A@CUNI.cz ", "management"), user="a@cuni.cz") is not None
    assert standing(grant("user", "b@cuni.cz", "management")) is None


def test_the_strongest_role_counts_and_never_reaches_the_units_of_a_weaker_one() -> None:
    strong = Role(name="auditor", level="university", units="own", rights=("audit",))
    rules = Rules(Access(roles=(strong,), grants=(
        grant("user", "a@cuni.cz", "auditor", "MFF"), grant("user", "a@cuni.cz", "faculty", "PrF"))))  # fmt: skip
    found = rules.standing(rules.held("a@cuni.cz", ()), UNITS, "UK")
    assert found == Standing("auditor", "university", ("MFF",), frozenset({"audit"}))


def test_rights_of_all_roles_add_up() -> None:
    found = standing(grant("user", "a@cuni.cz", "finance"), grant("everyone", None, "management"))
    assert found is not None
    assert (found.units, found.rights) == (("UK",), frozenset({"invoice", "close"}))


def test_their_own_use_is_the_weakest_role() -> None:
    found = standing(grant("everyone", None, "self"), grant("user", "a@cuni.cz", "faculty", "mff"))
    assert found is not None
    assert (found.role, found.units) == ("faculty", ("MFF",))
    assert standing(grant("everyone", None, "self")) == Standing("self", "faculty", (), frozenset())


def test_a_unit_nobody_knows_gives_nothing() -> None:
    assert standing(grant("user", "a@cuni.cz", "faculty", "NOWHERE")) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            grant("user", "a@cuni.cz", "emperor"),
            "unknown role 'emperor'; known: faculty, finance, management, rse, self",
        ),
        (grant("user", "", "management"), "the value is missing"),
        (grant("user", "a@cuni.cz", "faculty"), "role 'faculty' needs a unit"),
        (grant("user", "{unit}@cuni.cz", "faculty", "{unit}"), "needs {unit} in the value of a group"),
        (grant("group", "deans", "faculty", "{unit}"), "needs {unit} in the value of a group"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(wrong: Grant, said: str) -> None:
    with pytest.raises(RightsError, match="grant of ") as error:
        Rules(Access(grants=(wrong,)))
    assert said in str(error.value)
    assert "a@cuni.cz" not in str(error.value)  # it is logged


def test_an_unknown_right_is_refused_with_the_choices() -> None:
    with pytest.raises(ValidationError, match="unknown right 'fly'; known: annotate, audit, close"):
        Role(name="pilot", rights=("fly",))


def test_a_role_of_the_configuration_stands_before_the_shipped_one() -> None:
    rules = Rules(Access(roles=(Role(name="rse", level="faculty", units="own"),), grants=(
        grant("everyone", None, "rse", "MFF"),)))  # fmt: skip
    assert rules.standing(rules.held("x", ()), UNITS, "UK") == Standing("rse", "faculty", ("MFF",), frozenset())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("user,value,role,unit\n", "columns"),
        ("kind,value,role,unit\nuser,a,faculty,MFF\nclub,b,faculty,MFF\n", "line 3: kind is 'club'"),
        ("kind,value,role,unit\nuser,a,faculty,MFF,more\n", "line 2"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_value(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "access.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(RightsError) as error:
        grants_in(file)
    assert said in str(error.value)


def test_a_file_that_is_not_there_grants_nothing(tmp_path: Path) -> None:
    assert grants_in(tmp_path / "access.csv") == ()
