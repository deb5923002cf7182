"""The shipped reference files hold what their README says."""

import csv
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[2] / "etl" / "reference"


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_seventeen_faculties_each_with_a_domain_of_its_own() -> None:
    faculties = [r for r in rows("faculties.csv") if r["level"] == "faculty"]
    domains = [d for r in rows("faculties.csv") for d in r["email_domains"].split()]

    assert len({r["unit"] for r in faculties}) == 17
    assert all(r["email_domains"] and r["name_cs"] and r["name_en"] and r["parent_unit"] == "UK" for r in faculties)
    assert len(set(domains)) == len(domains)


@pytest.mark.parametrize(
    ("name", "model", "hosting"),
    [
        ("gpt-5.4-mini", "gpt-5.4-mini", "commercial"),
        ("openai/gpt-5.5", "gpt-5.5", "commercial"),
        ("azure/gpt-4o-cuni", "gpt-4o", "commercial"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini", "commercial"),
        ("gpt-4o-2024-08-06", "gpt-4o", "commercial"),
        ("gpt-5-mini", "gpt-5-mini", "commercial"),
        ("o4-mini", "o4-mini", "commercial"),
        ("claude-sonnet", "claude-sonnet", "commercial"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5", "commercial"),
        ("anthropic/claude-haiku-4-5", "claude-haiku-4-5", "commercial"),
        ("gemini-flash", "gemini-flash", "commercial"),
        ("gemini/gemini-2.5-pro", "gemini-2.5-pro", "commercial"),
        ("mistral/mistral-large-latest", "mistral-large", "commercial"),
        ("text-embedding-3-small", "text-embedding-3-small", "commercial"),
        ("gpt-image-1", "gpt-image-1", "commercial"),
        ("openai/whisper-1", "whisper", "commercial"),
        ("hosted_vllm/meta-llama/llama-3.3-70b-instruct", "llama-3.3-70b", "self_hosted"),
        ("vllm/qwen3-32b", "qwen3-32b", "self_hosted"),
        ("llamacpp/gemma-3-27b", "gemma-3-27b", "self_hosted"),
        ("gemma3-ollama", "gemma-3-27b", "self_hosted"),
        ("bge-m3", "bge-m3", "self_hosted"),
        ("gpt-5.4-mini-and-more", None, None),
    ],
)
def test_names_as_sources_write_them_find_their_model(name: str, model: str | None, hosting: str | None) -> None:
    found = next((r for r in rows("models.csv") if fnmatchcase(name, r["pattern"])), {"model": None, "hosting": None})

    assert (found["model"], found["hosting"]) == (model, hosting)


def test_a_model_is_described_alike_on_all_its_lines_and_a_pattern_stands_once() -> None:
    found = rows("models.csv")

    described = {(r["model"], r["title"], r["family"], r["provider"], r["hosting"]) for r in found}
    assert len(described) == len({r["model"] for r in found})
    assert len({r["pattern"] for r in found}) == len(found)
    assert [r["pattern"] for r in found] == [r["pattern"].lower() for r in found]


def test_terms_and_examinations_follow_each_other_and_cover_the_academic_year_with_the_summer() -> None:
    parts = [r for r in rows("calendar.csv") if r["kind"] != "holiday" or r["name_en"] == "Summer holidays"]
    parts.sort(key=lambda r: r["start"])

    assert (parts[0]["start"], parts[-1]["end"]) == ("2024-10-01", "2027-10-01")
    assert [a["end"] for a in parts[:-1]] == [b["start"] for b in parts[1:]]


def test_public_holidays_are_single_days_and_kinds_are_the_known_ones() -> None:
    found = rows("calendar.csv")
    easter = [r for r in found if r["name_en"] == "Easter Monday"]

    assert {r["kind"] for r in found} == {"term_winter", "term_summer", "exam", "holiday"}
    assert [r["start"] for r in easter] == ["2025-04-21", "2026-04-06", "2027-03-29"]
    assert all(date.fromisoformat(r["end"]) == date.fromisoformat(r["start"]) + timedelta(days=1) for r in easter)
    assert all(r["start"] < r["end"] for r in found)


def test_every_shipped_file_has_its_origin_and_licence_stated() -> None:
    stated = (REFERENCE / "README.md").read_text("utf-8")

    assert [p.name for p in sorted(REFERENCE.iterdir()) if p.name != "README.md" and f"`{p.name}`" not in stated] == []
