"""Turns metered into billed cost, cause by cause, per month and provider (docs/reconciliation.md)."""

from collections.abc import Iterable

import duckdb

from etl.sections import Invoices
from queries import warehouse
from queries.warehouse import Build


def reconcile(build: Build, invoices: Invoices, root_unit: str) -> None:
    """Makes table `reconciliation` anew from all that is booked and metered; within the caller's transaction.

    One row per month, provider and step; metered + all causes = billed, exactly, since the residual closes the sum.
    """
    run = build.connection.execute
    keep_accounts(build.connection, invoices.gateway_projects)
    _keep_thresholds(build.connection, invoices)
    run("create or replace temp table price_held as " + warehouse.sql("publish/price"))
    for step in ("reconcile_lines", "reconcile_usage", "reconcile"):
        build.run(f"staging/{step}", {"root_unit": root_unit})
    run("drop table price_held")


def keep_accounts(connection: duckdb.DuckDBPyConnection, projects: Iterable[str]) -> None:
    connection.execute("delete from gateway_account")
    for project in projects:
        provider, _, account = project.partition(":")
        connection.execute("insert into gateway_account values (?, ?)", [provider, account])


def _keep_thresholds(connection: duckdb.DuckDBPyConnection, invoices: Invoices) -> None:
    for key, value in (("invoice_warn_share", invoices.warn_share), ("invoice_warn_czk", invoices.warn_czk)):
        connection.execute("delete from ops.setting where key = ?", [key])
        connection.execute("insert into ops.setting values (?, ?)", [key, str(value)])
