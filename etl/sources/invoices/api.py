"""Costs over HTTP from the providers that have an API: all pages of a period, or an error and nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from etl.errors import InputError, SourceError
from etl.sections import InvoiceApi
from etl.settings import secret
from etl.sources.base import Finding, Window
from etl.sources.fields import utc
from etl.sources.http import Http, RefusedError
from etl.sources.invoices import anthropic, openai, pages, usage
from etl.sources.invoices.document import Landed, Usage, invoice_batch, report, usage_batches
from etl.sources.invoices.line import Line, batches
from etl.sources.invoices.usage import Key
from etl.tables import INVOICE, INVOICE_LINE, PROVIDER_USAGE, Table

Parameters = dict[str, str | int | bool | list[str]]


@dataclass(frozen=True)
class Provider:
    """What differs between the cost APIs: address, headers, parameters, how an answer is told and read."""

    address: str
    path: str
    headers: Callable[[str], Mapping[str, str]]
    parameters: Callable[[datetime, datetime | None], Parameters]
    is_report: Callable[[list[Any]], bool]
    lines: Callable[[Iterator[pages.Bucket]], Iterator[Line]]
    remedy: str
    usage_path: str
    usage_parameters: Callable[[datetime, datetime | None], Parameters]
    is_usage: Callable[[list[Any]], bool]
    usage: Callable[[Iterator[pages.Bucket], Key], Iterator[Usage]]


def _openai_parameters(start: datetime, end: datetime | None) -> Parameters:
    """Limits and names as of the OpenAI API reference, Costs: at most 180 buckets of one day; end exclusive."""
    asked: Parameters = {"start_time": _seconds(start), "bucket_width": "1d", "limit": 180}
    return asked | {"group_by": ["project_id", "line_item"]} | ({"end_time": _seconds(end)} if end else {})


def _anthropic_parameters(start: datetime, end: datetime | None) -> Parameters:
    """Limits and names as of the Anthropic Admin API reference, Cost Report: at most 31 buckets of one day."""
    asked: Parameters = {"starting_at": f"{start:%Y-%m-%dT%H:%M:%SZ}", "bucket_width": "1d", "limit": 31}
    ending: Parameters = {"ending_at": f"{end:%Y-%m-%dT%H:%M:%SZ}"} if end else {}
    return asked | {"group_by[]": ["workspace_id", "description"]} | ending


def _openai_usage_parameters(start: datetime, end: datetime | None) -> Parameters:
    """Limits as of the OpenAI API reference, Completions usage: at most 31 buckets of one day."""
    grouped: Parameters = {"group_by": ["project_id", "api_key_id", "model"], "limit": 31}
    return _openai_parameters(start, end) | grouped


def _anthropic_usage_parameters(start: datetime, end: datetime | None) -> Parameters:
    """Limits as of the Anthropic Admin API reference, Messages Usage Report: at most 31 buckets of one day."""
    return _anthropic_parameters(start, end) | {"group_by[]": ["workspace_id", "api_key_id", "model"]}


PROVIDERS: Mapping[str, Provider] = {
    "openai": Provider(
        "https://api.openai.com",
        "v1/organization/costs",
        lambda key: {"Authorization": f"Bearer {key}"},
        _openai_parameters,
        openai.is_report,
        openai.report_lines,
        "create an admin key (platform.openai.com, Organization, Admin keys); a project key can't read costs",
        "v1/organization/usage/completions",
        _openai_usage_parameters,
        usage.is_openai,
        usage.openai_usage,
    ),
    "anthropic": Provider(
        "https://api.anthropic.com",
        "v1/organizations/cost_report",
        lambda key: {"x-api-key": key, "anthropic-version": "2023-06-01"},
        _anthropic_parameters,
        anthropic.is_report,
        anthropic.report_lines,
        "create an Admin API key (Console, Settings, Admin keys; sk-ant-admin...); a usual key can't read costs",
        "v1/organizations/usage_report/messages",
        _anthropic_usage_parameters,
        usage.is_anthropic,
        usage.anthropic_usage,
    ),
}


class CostApi:
    """Invoice lines from one provider's cost API; a document that is never finished, so its days are read again.

    `document_id` is '<provider>:api'; the loader replaces the lines of the days read, since providers revise them.
    """

    tables: tuple[Table, ...] = (INVOICE, INVOICE_LINE, PROVIDER_USAGE)

    def __init__(self, settings: InvoiceApi, http: Http, key: Key | None = None) -> None:
        self._asks_usage, self._key = settings.usage, key or (lambda _: None)
        self._provider_name: str = settings.provider
        self.name, self.document_id = f"{settings.provider}_costs", f"{settings.provider}:api"
        self.revised_days, self.first_day = settings.revised_days, date.fromisoformat(settings.first_day)
        self._provider, self._http, self._key_env = PROVIDERS[settings.provider], http, settings.key_env

    def period(self, window: Window) -> tuple[datetime, datetime | None]:
        """The whole UTC days that `extract` reads for the window: their lines are to be replaced.

        `since` widens to `revised_days` before it; nothing before the configured first day is asked for.
        """
        since = window.since - timedelta(days=self.revised_days) if window.since else None
        starts = [utc(s) for s in (window.start, since) if s is not None]
        first = datetime.combine(self.first_day, time())
        start = max(first, _midnight(max(starts))) if starts else first
        end = utc(window.end) if window.end is not None else None
        return start, end if end is None or end == _midnight(end) else _midnight(end) + timedelta(days=1)

    def extract(self, table: Table, window: Window) -> Iterator[pa.RecordBatch]:
        """All rows of the days of the window; SourceError (and nothing) when any page is missing or malformed."""
        assert table in self.tables, table.name
        if table is INVOICE:
            yield self.landed(window).invoice
            return
        start, end = self.period(window)
        if end is not None and end <= start:
            return
        place = f"GET /{self._provider.path}"
        if table is PROVIDER_USAGE:
            counted = list(self._provider.usage(iter(self._buckets(self._provider.usage_path, start, end)), self._key))
            kept = [u for u in counted if start.date() <= u.day and (end is None or u.day < end.date())]
            yield from list(usage_batches(kept, self.document_id, place))
            return
        lines = list(self._provider.lines(iter(self._buckets(self._provider.path, start, end))))
        charged = [n for n in lines if start <= n.charge_period_start and (end is None or n.charge_period_start < end)]
        yield from list(batches(charged, self.document_id, place))

    def landed(self, window: Window) -> Landed:
        """The days of the window as a document: its lines, and where that is configured the quantities."""
        lines = list(self.extract(INVOICE_LINE, window))
        usage = list(self.extract(PROVIDER_USAGE, window)) if self._asks_usage else []
        head = report(lines, usage, self._provider_name)
        return Landed(invoice_batch(head, self.document_id, f"GET /{self._provider.path}"), lines, usage)

    def bounds(self) -> Window | None:
        """From the configured first day; the end is not known."""
        return Window(datetime.combine(self.first_day, time()))

    def notes(self) -> list[str]:
        """Nothing: what the API leaves out, it doesn't say."""
        return []

    def examine(self) -> Iterator[Finding]:
        """Whether the key can read the costs of the first configured day."""
        subject = f"{self.name}: {self._provider.path}"
        first = datetime.combine(self.first_day, time())
        try:
            count = sum(len(b.results) for b in self._buckets(self._provider.path, first, first + timedelta(days=1)))
        except SourceError as error:
            refused = isinstance(error, RefusedError) and error.status in (401, 403)
            remedy = f"{self._key_env}: {self._provider.remedy}" if refused else "check the address and the network"
            yield Finding("fail", subject, str(error.cause), remedy)
            return
        yield Finding("ok", subject, f"answers; {count} results on {self.first_day}")

    def close(self) -> None:
        """Gives the connections back."""
        self._http.close()

    def _buckets(self, path: str, start: datetime, end: datetime | None) -> list[pages.Bucket]:
        """Every bucket of the answers of one path. The first answer tells whether it is the report asked for."""
        is_usage = path == self._provider.usage_path
        asked = self._provider.usage_parameters(start, end) if is_usage else self._provider.parameters(start, end)
        answers = list(self._http.pages(path, asked, self._following))
        is_report = self._provider.is_usage if is_usage else self._provider.is_report
        is_empty = is_usage and not any(True for p in answers for _ in usage.results_in(p))
        if not is_empty and not is_report(answers):
            names = ", ".join(sorted(pages.names_in(answers)))
            raise InputError(self.name, path, names, "a report as the provider documents it")
        return list(pages.buckets(path, answers))

    def _following(self, answer: Any) -> Parameters | None:
        """The next page's token; more to come without a token is an error, never the end."""
        more, token = (answer.get("has_more"), answer.get("next_page")) if isinstance(answer, dict) else (None, None)
        if more is False:
            return None
        if more is not True or not isinstance(token, str) or not token:
            raise InputError(self.name, f"{self._provider.path}, has_more", more, "true with next_page, or false")
        return {"page": token}


def api_source(
    settings: InvoiceApi,
    connect: Callable[..., Http] = Http,
    key: Callable[[str], str] = secret,
    pseudonym: Key | None = None,
) -> CostApi:
    """The cost API of a provider. Raises ConfigError when its key is not in the environment."""
    provider = PROVIDERS[settings.provider]
    headers = provider.headers(key(settings.key_env))
    http = connect(f"{settings.provider}_costs", settings.url or provider.address, headers=headers)
    return CostApi(settings, http, pseudonym)


def _midnight(instant: datetime) -> datetime:
    return datetime.combine(instant.date(), time())


def _seconds(instant: datetime) -> int:
    return int(instant.replace(tzinfo=UTC).timestamp())
