"""What is loaded of a document, where a bad one goes, and what tells of one that was replaced."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl.errors import CheckError, InputError
from etl.identity import Pseudonyms
from etl.inbox import keep_invoice
from queries.inbox import Order
from queries.warehouse import sql
from tests.etl.invoice_world import NOW, World, costs
from tests.etl.sources.einvoice_files import isdoc, isdoc_line, pdf
from tests.etl.sources.invoice_files import as_json, openai_page, openai_result
from tests.etl.sources.test_invoices_usage import openai as openai_usage


@pytest.fixture
def world(tmp_path: Path, pseudonyms: Pseudonyms) -> Iterator[World]:
    made = World(tmp_path, pseudonyms)
    yield made
    made.runner.close()


def test_a_document_its_lines_and_its_quantities_are_loaded_together(world: World) -> None:
    world.put("a.isdoc", isdoc(isdoc_line("100"), isdoc_line("200", "2")))
    world.put("costs.json", as_json(openai_page([openai_result(1)])))
    world.put("usage.json", openai_usage())
    world.put("flat.csv", costs("50"))

    assert world.run().status == "DONE"

    assert world.heads() == [
        ("a.isdoc", "invoice", "2026-001", 300),
        ("costs.json", "report", None, None),
        ("flat.csv", "flat", None, None),
        ("usage.json", "report", None, None),
    ]
    assert world.lines() == [("a.isdoc", 100), ("a.isdoc", 200), ("costs.json", 1), ("flat.csv", 50)]
    assert world.rows(
        "select day::varchar, input_tokens, cached_tokens, cache_write_tokens from fact_provider_usage"
    ) == [("2026-11-01", 3000, 1800, 200)]


def test_a_document_whose_booking_fails_leaves_nothing_of_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put("a.isdoc", isdoc(isdoc_line("300")))
    world.put("b.csv", costs("100"))
    real = world.runner.loader.rebuild
    fails = iter([True])

    def rebuild() -> int:
        if next(fails, False):
            raise CheckError("check x found 1 row")
        return real()

    monkeypatch.setattr(world.runner.loader, "rebuild", rebuild)
    outcome = world.run()

    assert (outcome.status, outcome.message) == ("FAILED", "invoices: refused: invoices: a.isdoc: check x found 1 row")
    assert [h[0] for h in world.heads()] == ["b.csv"]
    assert world.lines() == [("b.csv", 100)]
    assert world.files() == ["a.isdoc", "b.csv"]  # a rate may come: it is tried again
    monkeypatch.undo()
    assert world.run().status == "DONE"
    assert [h[0] for h in world.heads()] == ["a.isdoc", "b.csv"]


def test_a_bad_file_goes_to_rejected_with_its_reason_and_stays_on_the_page_until_it_is_gone(world: World) -> None:
    world.put("2026/b.csv", costs("many"), is_settled=True)

    assert world.run().status == "FAILED"
    assert world.files() == ["rejected/2026/b.csv", "rejected/2026/b.csv.reason.txt"]
    assert "found 'many'" in (world.folder / "rejected/2026/b.csv.reason.txt").read_text()
    assert world.run().status == "DONE"
    assert world.documents() == [("2026/b.csv", False)]

    (world.folder / "rejected/2026/b.csv").unlink()
    world.run()
    assert world.documents() == []


def test_a_rejected_file_that_was_put_back_is_tried_again_and_mended_it_is_loaded(world: World) -> None:
    world.put("b.csv", costs("many"), is_settled=True)
    world.run()
    (world.folder / "rejected/b.csv").rename(world.folder / "b.csv")
    assert world.run().status == "FAILED"
    world.put("b.csv", costs("200"), is_settled=True)
    assert world.run().status == "DONE"
    assert world.lines() == [("b.csv", 200)]
    assert world.documents() == [("b.csv", True)]


def test_a_bad_file_over_a_good_one_goes_to_rejected_and_what_it_replaced_stays_booked(world: World) -> None:
    world.put("a.csv", costs("100"))
    world.run()
    world.put("a.csv", costs("many"), is_settled=True)
    assert world.run().status == "FAILED"
    assert world.run().status == "DONE"
    assert world.lines() == [("a.csv", 100)]
    assert world.documents() == [("a.csv", False), ("a.csv", True)]
    assert world.trace() == []


def test_two_bad_files_of_one_name_are_both_kept(world: World) -> None:
    world.put("b.csv", costs("many"), is_settled=True)
    world.run()
    world.put("b.csv", costs("a lot"), is_settled=True)
    world.run()
    assert len([f for f in world.files() if not f.endswith(".reason.txt")]) == 2
    assert [is_loaded for _, is_loaded in world.documents()] == [False, False]


def test_a_bad_file_that_was_written_a_moment_ago_is_not_moved_since_it_may_be_half_copied(world: World) -> None:
    world.put("b.csv", costs("many"))
    assert world.run().status == "FAILED"
    assert world.files() == ["b.csv"]


def test_a_bad_file_in_a_folder_that_can_not_be_written_stays_with_its_reason_on_the_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr("etl.sources.invoices.folder.shutil.move", refuse)
    world.put("b.csv", costs("many"), is_settled=True)
    assert world.run().status == "FAILED"
    assert world.documents() == [("b.csv", False)]


def test_a_file_replaced_under_its_name_leaves_a_trace(world: World) -> None:
    world.put("a.csv", costs("100"))
    world.run()
    world.put("a.csv", costs("150"))
    world.run()
    assert world.trace() == [("same name", "a.csv", 100, "a.csv", 150)]


def test_the_same_invoice_in_another_file_counts_once_and_leaves_a_trace(world: World) -> None:
    world.put("a.isdoc", isdoc(isdoc_line("300")))
    world.run()
    world.put("b.pdf", pdf(a__isdoc=isdoc(isdoc_line("310"), net="310", gross="373")))
    world.run()
    assert world.run().status == "DONE"  # both files are still there: neither is read again
    assert world.heads() == [("b.pdf", "invoice", "2026-001", 310)]
    assert world.lines() == [("b.pdf", 310)]
    assert world.trace() == [("same invoice", "a.isdoc", 300, "b.pdf", 310)]
    assert world.documents() == [("a.isdoc", True), ("b.pdf", True)]


def test_a_replaced_invoice_comes_back_when_what_replaced_it_is_taken_away(world: World) -> None:
    world.put("a.isdoc", isdoc(isdoc_line("300")))
    world.put("b.isdoc", isdoc(isdoc_line("310"), net="310", gross="373"))
    world.run()
    assert world.lines() == [("b.isdoc", 310)]
    (world.folder / "b.isdoc").unlink()
    world.run()
    assert world.lines() == [("a.isdoc", 300)]
    assert [t[1] for t in world.trace()] == ["a.isdoc", "b.isdoc"]


def test_of_files_of_one_invoice_the_newer_counts_whatever_their_names(world: World) -> None:
    world.put("b.isdoc", isdoc(isdoc_line("300")), is_settled=True)
    world.run()
    world.put("a.isdoc", isdoc(isdoc_line("310"), net="310", gross="373"))
    world.run()
    world.put("a.isdoc", isdoc(isdoc_line("320"), net="320", gross="383"))
    world.run()
    assert world.lines() == [("a.isdoc", 320)]
    assert world.run().rows_read == 0
    assert world.lines() == [("a.isdoc", 320)]


@pytest.mark.parametrize(("issuer", "count"), [("OpenAI Ireland Ltd", 1), ("OPENAI, L.L.C.", 1), ("Alza.cz a.s.", 2)])
def test_two_suppliers_of_one_provider_may_issue_the_same_number(world: World, issuer: str, count: int) -> None:
    invoices = world.settings.invoices.model_copy(update={"issuers": {"alza": "openai"}})
    head = "invoice_id,provider,issuer,currency,tax_point,net_total,description,amount\n"
    world.runner.settings = world.settings.model_copy(update={"invoices": invoices})
    world.put("a.csv", head + "7,openai,OpenAI Ireland Ltd,USD,2026-11-01,100,API,100\n")
    world.put("b.csv", head + f'7,openai,"{issuer}",USD,2026-11-01,60,API,60\n')
    world.run()
    assert len(world.heads()) == count
    assert len(world.trace()) == 2 - count


def test_a_credit_note_of_the_same_number_is_another_document(world: World) -> None:
    world.put("a.isdoc", isdoc(isdoc_line("300")))
    world.put("b.isdoc", isdoc(isdoc_line("300"), kind="2"))
    world.run()
    assert world.lines() == [("a.isdoc", 300), ("b.isdoc", -300)]
    assert world.trace() == []


def test_documents_of_a_build_made_before_they_had_a_row_are_read_again(world: World) -> None:
    world.put("a.csv", costs("100"))
    world.run()
    world.runner.build.connection.execute("delete from fact_invoice")
    world.run()
    assert [h[0] for h in world.heads()] == ["a.csv"]
    assert world.lines() == [("a.csv", 100)]


def test_what_a_prepaid_provider_reports_is_used_and_not_paid_until_it_is_taken_off_the_list(world: World) -> None:
    def booked() -> list[tuple[Any, ...]]:
        days = "(select sum(billed_cost)::integer from fact_invoice_day)"
        return world.rows(
            f"select billed_cost::integer, effective_cost::integer, credit_kind, {days} from fact_invoice_line"
        )

    world.put("costs.json", as_json(openai_page([openai_result(7)])))
    for prepaid, expected in (
        (("openai",), (0, 7, "burn_down", 0)),
        (("anthropic",), (7, 7, None, 7)),
        (("openai",), (0, 7, "burn_down", 0)),
    ):
        invoices = world.settings.invoices.model_copy(update={"prepaid": prepaid})
        world.runner.settings = world.settings.model_copy(update={"invoices": invoices})
        assert world.run().status == "DONE"
        assert booked() == [expected]


def test_a_report_that_says_itself_what_a_grant_paid_never_becomes_a_bill(world: World) -> None:
    head = "user_id,start_time_iso,end_time_iso,model,wallet_type,cost,currency\n"
    span = "u1,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,deepseek-chat"
    world.put("c.csv", f"{head}{span},topped_up,7,USD\n{span},granted,4,USD\n")
    world.run()
    # a grant says nothing of what was used up; a table of one's own mapping does
    world.runner.build.connection.execute(
        "update fact_invoice_line set effective_cost = 4 where credit_kind is not null"
    )
    for prepaid, bill in (((), 7), (("deepseek",), 0), ((), 7)):
        invoices = world.settings.invoices.model_copy(update={"prepaid": prepaid})
        world.runner.settings = world.settings.model_copy(update={"invoices": invoices})
        assert world.run().status == "DONE"
        assert world.rows("select billed_cost::integer, credit_kind from fact_invoice_line order by line_id") == [
            (bill, None if bill else "burn_down"), (0, "burn_down"),
        ]  # fmt: skip


def test_an_api_has_one_invoice_row_of_the_kind_report(world: World) -> None:
    world.api.charges = {1: "10"}
    world.run("openai_costs")
    world.run("openai_costs")
    assert world.rows("select document_id, document_name, kind, provider from fact_invoice") == [
        ("openai:api", "GET /v1/organization/costs", "report", "openai")
    ]


def test_a_file_that_can_not_be_read_now_is_not_moved_and_the_others_are_loaded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def locked(path: Path, *given: Any, **named: Any) -> Any:
        if path.name == "c.csv":
            raise PermissionError(13, "Permission denied")
        return real(path, *given, **named)

    world.put("a.csv", costs("100"))
    world.put("c.csv", costs("300"), is_settled=True)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", locked)
        outcome = world.run()
    assert (outcome.status, outcome.message) == ("FAILED", "invoices: refused: invoices: c.csv: Permission denied")
    assert world.lines() == [("a.csv", 100)]
    assert world.files() == ["a.csv", "c.csv"]
    assert world.run().status == "DONE"
    assert world.documents() == [("a.csv", True), ("c.csv", True)]


def warned(world: World, check: str) -> list[tuple[Any, ...]]:
    """The rows that a warning check finds now."""
    return world.rows(sql(f"checks/warn/{check}"))


def test_a_warning_tells_of_reports_of_the_same_days_and_not_of_an_invoice_beside_a_report(world: World) -> None:
    line = isdoc_line("300")
    world.put("report.json", as_json(openai_page([openai_result(1)])))
    world.put("a.isdoc", isdoc(line).replace("Výpočty Brno s.r.o.", "OpenAI Ireland Ltd"))
    world.run()
    assert warned(world, "invoiced_twice") == []
    world.put("again.json", as_json(openai_page([openai_result(2)])))
    world.run()
    assert [row[0] for row in warned(world, "invoiced_twice")] == ["openai"]


def test_a_warning_tells_of_credits_that_were_bought_and_are_billed_again_by_reports(world: World) -> None:
    head = "invoice_id,issuer,currency,tax_point,net_total,description,amount,credit_kind\n"
    world.put("typed.csv", head + "1,OpenAI,USD,2026-11-01,100,Credits,100,purchase\n")
    world.put("report.json", as_json(openai_page([openai_result(1)])))
    world.run()
    assert [row[0] for row in warned(world, "credits_counted_twice")] == ["openai"]
    invoices = world.settings.invoices.model_copy(update={"prepaid": ("openai",)})
    world.runner.settings = world.settings.model_copy(update={"invoices": invoices})
    world.run()
    assert warned(world, "credits_counted_twice") == []


def test_a_warning_tells_of_quantities_that_two_reports_count(world: World) -> None:
    world.put("one.json", openai_usage())
    world.run()
    assert warned(world, "usage_reported_twice") == []
    world.put("two.json", openai_usage(num_model_requests=6))
    world.run()
    assert [row[:3] for row in warned(world, "usage_reported_twice")] == [("openai", date(2026, 11, 1), "gpt-5.5")]


def test_a_snapshot_holds_what_was_replaced_and_the_quantities_by_day_without_any_key(world: World) -> None:
    world.put("a.json", openai_usage())
    world.put("b.csv", costs("100"))
    world.run()
    world.put("b.csv", costs("150"))
    world.run()
    file = world.settings.path(world.settings.storage.folder) / world.runner.publish()
    with duckdb.connect(str(file), read_only=True) as snapshot:
        assert snapshot.execute("select old_name, old_net_total::integer from document_trace").fetchall() == [
            ("b.csv", 100)
        ]
        usage = snapshot.execute("from provider_usage").fetchall()
    assert usage == [(date(2026, 11, 1), "openai", "gpt-5.5", 5, 3000, 1800, 200, 1000, None)]


def test_an_invoice_typed_on_a_page_is_booked_at_once(world: World) -> None:
    values = {
        "invoice_id": "7", "issuer": "OpenAI Ireland Ltd", "issuer_country": "IE", "currency": "USD",
        "net_total": "12,50", "tax_point": "30.11.2026", "description_1": "API", "amount_1": "12.50", "unit_2": "MFF",
    }  # fmt: skip
    order = Order("1", "invoice", "ann", NOW, values)

    name = keep_invoice(world.runner, order).rpartition(" ")[2]

    assert world.rows("select document_name, provider, billed_cost::double from fact_invoice_line") == [
        (name, "openai", 12.5)
    ]
    with pytest.raises(InputError, match="the net total"):
        keep_invoice(world.runner, Order("2", "invoice", "ann", NOW, values | {"amount_1": "1"}))
    assert world.files() == [name]
