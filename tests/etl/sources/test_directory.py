from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.errors import InputError
from etl.identity import Pseudonyms
from etl.settings import Settings
from etl.sources.base import Window
from etl.sources.directory import DirectoryFiles, directory_source
from etl.tables import ACCOUNT, PERSON_UNIT, POPULATION, SERVICE_ACCOUNT, UNIT, Table

Make = Callable[..., DirectoryFiles]

UNITS = "unit,parent_unit,level,name_cs,name_en,cost_centre\nUK,,university,Univerzita,University,\n"
UNITS += "mff,UK,faculty,Matfyz,,1100\nUFAL,MFF,department,Ústav,Institute,\n"


@pytest.fixture
def directory(tmp_path: Path, pseudonyms: Pseudonyms) -> Make:
    """A function that writes files (people='...' is people.csv) and gives the directory over them."""

    def make(**files: str | bytes) -> DirectoryFiles:
        folder = tmp_path / "reference"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
        return directory_source(Settings(), pseudonyms, tmp_path)

    return make


def rows(source: DirectoryFiles, table: Table) -> list[dict[str, Any]]:
    return [row for batch in source.extract(table, Window()) for row in batch.to_pylist()]


def test_units_form_a_tree_with_codes_in_upper_case(directory: Make) -> None:
    assert [tuple(r.values()) for r in rows(directory(units=UNITS), UNIT)] == [
        ("UK", None, "university", "Univerzita", "University", None),
        ("MFF", "UK", "faculty", "Matfyz", "Matfyz", "1100"),
        ("UFAL", "MFF", "department", "Ústav", "Institute", None),
    ]


def test_the_shipped_faculties_serve_where_there_is_no_file(directory: Make) -> None:
    found = rows(directory(), UNIT)

    assert sum(r["level"] == "faculty" for r in found) == 17
    assert directory().domains()["mff.cuni.cz"] == ("MFF", "other")


def test_another_universitys_root_has_nothing_of_the_shipped_faculties(tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    other = Settings.model_validate({"university": {"root_unit": "MU"}})
    source = directory_source(other, pseudonyms, tmp_path)

    assert (rows(source, UNIT), source.domains()) == ([], {})
    assert "units.csv is missing: there are no units besides the root" in source.notes()


def test_shipped_domains_are_kept_for_the_units_there_are(directory: Make) -> None:
    assert {unit for unit, _ in directory(units=UNITS).domains().values()} == {"UK", "MFF"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("FF,XX,faculty,Filda,,\n", "line 5, parent_unit: found 'XX'; allowed: a unit of units.csv: FF, MFF, UFAL, UK"),
        ("FF,UK,school,Filda,,\n", "line 5, level: found 'school'; allowed: university, faculty, department"),
        (
            "MFF,UK,faculty,Znovu,,\n",
            "line 5, unit: found 'MFF'; allowed: each code once; it is also on units.csv line 3",
        ),
        ("UNKNOWN,UK,faculty,Jiná,,\n", "line 5, unit: found 'UNKNOWN'"),
        ("FF,UK,faculty,,,\n", "line 5, name_cs: found ''"),
        ("A,B,faculty,A,,\nB,A,faculty,B,,\n", "parent_unit: found 'A > B > A'; allowed: a tree"),
        ("A,A,faculty,A,,\n", "parent_unit: found 'A > A'; allowed: a tree"),
        ("FF,UK,faculty\n", "line 5: found '3 fields'; allowed: 6 fields"),
    ],
)
def test_a_wrong_unit_is_refused_with_line_value_and_choices(directory: Make, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rows(directory(units=UNITS + line), UNIT)


PEOPLE = "id,unit,role,valid_from,valid_to,weight,also\n"


def test_a_person_belongs_to_two_units_with_weights_and_periods(directory: Make, pseudonyms: Pseudonyms) -> None:
    people = PEOPLE + "Jana@cuni.cz,MFF,staff,2026-10-01,2027-01-01,0.7,\njana@cuni.cz,ff,Student,,,,\n"

    found = rows(directory(people=people), PERSON_UNIT)

    jana = pseudonyms.key("jana@cuni.cz")
    assert [tuple(r.values()) for r in found] == [
        (jana, "MFF", date(2026, 10, 1), date(2027, 1, 1), Decimal("0.7"), "staff"),
        (jana, "FF", date(1970, 1, 1), None, Decimal(1), "student"),
    ]


def test_other_ids_of_a_person_become_accounts_linked_to_the_person(directory: Make, pseudonyms: Pseudonyms) -> None:
    people = PEOPLE + "12345678,MFF,,,,,j.novak@mff.cuni.cz jn@example.org 12345678\n"

    found = rows(directory(people=people), ACCOUNT)

    assert {(r["account_key"], r["person_key"], r["email_domain"]) for r in found} == {
        (pseudonyms.key("j.novak@mff.cuni.cz"), pseudonyms.key("12345678"), "mff.cuni.cz"),
        (pseudonyms.key("jn@example.org"), pseudonyms.key("12345678"), None),
    }
    assert {(r["is_pending"], r["is_service"]) for r in found} == {(False, False)}


@pytest.mark.parametrize(
    ("second", "is_refused"),
    [
        ("2026-12-31,2027-06-01", True),
        ("2027-01-01,", False),
        (",2026-10-01", False),
        (",", True),
        (",2026-10-02", True),
    ],
)
def test_periods_of_a_person_in_one_unit_do_not_overlap(directory: Make, second: str, is_refused: bool) -> None:
    source = directory(people=PEOPLE + f"a@cuni.cz,MFF,,2026-10-01,2027-01-01,,\nA@cuni.cz,MFF,,{second},,\n")

    if not is_refused:
        assert len(rows(source, PERSON_UNIT)) == 2
        return
    with pytest.raises(InputError, match=r"line 3, valid_from: .*does not overlap that of people.csv line 2"):
        rows(source, PERSON_UNIT)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x@cuni.cz,MFX,,,,,", "line 3, unit: found 'MFX'; allowed: a unit of units.csv: 1LF, 2LF, 3LF, CERGE"),
        ("x@cuni.cz,MFF,boss,,,,", "line 3, role: found 'boss'; allowed: staff, student, other"),
        ("x@cuni.cz,MFF,,,,0,", "line 3, weight: found '0'"),
        ("x@cuni.cz,MFF,,,,-1,", "line 3, weight: found '-1'"),
        ("x@cuni.cz,MFF,,,,0.0000001,", "line 3, weight"),
        ("x@cuni.cz,MFF,,1.10.2026,,,", "line 3, valid_from: found '1.10.2026'; allowed: a day"),
        ("x@cuni.cz,MFF,,2026-10-01,2026-10-01,,", "line 3, valid_to: .*a later day than valid_from"),
        (",MFF,,,,,", "line 3, id: found ''"),
        ("x@cuni.cz,MFF,,,,,a@cuni.cz", "line 3, also: found '.an id.'; allowed: ids that belong to one person only"),
    ],
)
def test_a_wrong_person_is_refused_without_showing_who(directory: Make, line: str, message: str) -> None:
    source = directory(people=PEOPLE + "a@cuni.cz,MFF,,,,,\n" + line + "\n")

    with pytest.raises(InputError, match=message) as error:
        rows(source, PERSON_UNIT)
    assert "@cuni" not in str(error.value)


def test_files_saved_by_a_czech_excel_are_read(directory: Make) -> None:
    text = "id;unit;role;valid_from;valid_to;weight;also\r\na@cuni.cz;MFF;;2026-10-01;;0,5;\r\n"
    units = UNITS.replace(",", ";").encode("windows-1250")

    source = directory(people=text.encode("utf-8-sig"), units=units)

    assert [r["weight"] for r in rows(source, PERSON_UNIT)] == [Decimal("0.5")]
    assert rows(source, UNIT)[2]["name_cs"] == "Ústav"


def test_a_cell_with_more_commas_than_the_line_has_semicolons_does_not_mislead(directory: Make) -> None:
    text = 'id;unit;also\na@cuni.cz;MFF;"b@cuni.cz,c@cuni.cz,d@cuni.cz,e@cuni.cz"\n'
    source = directory(people=text, units=UNITS)
    assert [r["unit"] for r in rows(source, PERSON_UNIT)] == ["MFF"]
    assert len(rows(source, ACCOUNT)) == 4


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf\r\n", PEOPLE.encode(), b"# nobody yet\n" + PEOPLE.encode()])
def test_an_empty_file_has_no_rows(directory: Make, content: bytes) -> None:
    assert rows(directory(people=content), PERSON_UNIT) == []


def test_a_column_that_is_missing_is_named(directory: Make) -> None:
    with pytest.raises(InputError, match=r"people.csv: found 'id, role'; allowed: a header with the columns unit too"):
        rows(directory(people="id,role\na@cuni.cz,staff\n"), PERSON_UNIT)


def test_no_address_is_ever_handed_over(directory: Make) -> None:
    people = PEOPLE + "jana.novakova@mff.cuni.cz,MFF,,,,,jn@cuni.cz\n"
    accounts = "kind,id,name,unit\nuser,bot@cuni.cz,Bot of jana@cuni.cz,\nuser,b2@cuni.cz,,\n"
    source = directory(people=people, service_accounts=accounts)

    text = str([rows(source, table) for table in source.tables])

    assert "@cuni" not in text
    assert "@mff" not in text
    assert "novakova" not in text


def test_domains_name_a_unit_and_a_role(directory: Make) -> None:
    source = directory(domains="domain,unit,role\n@MFF.cuni.cz,mff,staff\nstudent.cuni.cz,UK,student\n")

    assert source.domains() == {"mff.cuni.cz": ("MFF", "staff"), "student.cuni.cz": ("UK", "student")}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cuni,UK", "line 2, domain: found 'cuni'"),
        ("ff.cuni.cz,FX", "line 2, unit: found 'FX'"),
        ("a.cz,UK\nA.cz,FF", "line 3, domain: .*each domain once"),
    ],
)
def test_a_wrong_domain_is_refused(directory: Make, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        directory(domains=f"domain,unit\n{line}\n").domains()


POPULATION_HEADER = "unit,role,valid_from,valid_to,persons\n"


def test_head_counts_are_by_unit_role_and_period(directory: Make) -> None:
    content = POPULATION_HEADER + "MFF,student,2026-10-01,2027-10-01,3000\nMFF,staff,2026-10-01,,900\n"

    assert [tuple(r.values()) for r in rows(directory(population=content), POPULATION)] == [
        ("MFF", "student", date(2026, 10, 1), date(2027, 10, 1), 3000),
        ("MFF", "staff", date(2026, 10, 1), None, 900),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("MFF,staff,2026-10-01,,-1", "line 3, persons: found '-1'"),
        ("MFF,staff,2026-10-01,,1.5", "line 3, persons: found '1.5'; allowed: a whole number"),
        ("MFF,staff,2026-10-01,,", "line 3, persons: found ''"),
        ("MFF,student,2027-01-01,,5", "line 3, valid_from: .*does not overlap"),
    ],
)
def test_a_wrong_head_count_is_refused(directory: Make, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rows(directory(population=POPULATION_HEADER + "MFF,student,2026-10-01,,10\n" + line + "\n"), POPULATION)


def test_service_accounts_are_matched_by_pseudonym_of_what_names_them(directory: Make, pseudonyms: Pseudonyms) -> None:
    content = "kind,id,name,unit\nkey_alias,OpenWebUI,Chat UI,\nteam,t-1,Team one,mff\nuser,bot@cuni.cz,,\n"

    assert [tuple(r.values()) for r in rows(directory(service_accounts=content), SERVICE_ACCOUNT)] == [
        (pseudonyms.key("alias:OpenWebUI"), "key_alias", "Chat UI", None),
        (pseudonyms.key("t-1"), "team", "Team one", "MFF"),
        (pseudonyms.key("bot@cuni.cz"), "user", "user", None),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("key,sk-secret123,x,", "line 2, id: found '.a key.'; allowed: the key's alias or its hash"),
        ("robot,a,x,", "line 2, kind: found 'robot'; allowed: key_alias, key, team, user"),
        ("team,a,x,XX", "line 2, unit: found 'XX'"),
        ("team,a,x,\nteam,A,y,", "line 3, id: found 'A'; allowed: each id once"),
    ],
)
def test_a_wrong_service_account_is_refused(directory: Make, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        rows(directory(service_accounts=f"kind,id,name,unit\n{line}\n"), SERVICE_ACCOUNT)
    assert "secret123" not in str(error.value)


def test_the_doctor_counts_what_is_there_and_says_what_is_wrong_or_missing(directory: Make) -> None:
    source = directory(people=PEOPLE + "a@cuni.cz,MFX,,,,,\n", groups="group,unit,role\nx,XX,\n")

    found = {f.subject: (f.level, f.found) for f in source.examine()}

    assert found["people"][0] == "fail"
    assert "line 2, unit: found 'MFX'" in found["people"][1]
    assert found["groups"][0] == "fail"
    assert found["units"] == ("ok", "27 rows")
    assert found["population.csv"] == ("warn", "missing: adoption rates are unknown")


def test_a_missing_folder_is_a_warning_with_a_remedy(tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    finding = next(directory_source(Settings(), pseudonyms, tmp_path).examine())

    assert (finding.level, finding.found) == ("warn", "no such folder")
    assert "directory.folder" in finding.remedy


def test_batches_have_exactly_the_landing_schemas(directory: Make) -> None:
    source = directory(people=PEOPLE + "a@cuni.cz,MFF,,,,,b@cuni.cz\n", population=POPULATION_HEADER + "MFF,,,,1\n",
                       service_accounts="kind,id\nteam,a\n", annotations="day,name_cs,kind\n2026-10-01,a,other\n",
                       budgets="unit,period_start,period_end,amount,currency\nMFF,2026-01-01,2027-01-01,1,CZK\n",
                       targets="unit,metric,day,value\nMFF,mau,2026-12-31,1\n",
                       prices="model,input_usd,output_usd\ngpt,1,2\n")  # fmt: skip

    assert [b.schema for t in source.tables for b in source.extract(t, Window())] == [t.schema for t in source.tables]
