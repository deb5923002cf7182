"""The one list of jobs: every configured source becomes a job that knows how to open it and in which order to run."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass

from etl.errors import SourceError
from etl.identity import Pseudonyms
from etl.sections import Chat, Gateway, InvoiceApi
from etl.settings import Settings, secret
from etl.sources.base import Source
from etl.sources.directory import directory_source
from etl.sources.fx import fx_source
from etl.sources.invoices.api import api_source
from etl.sources.invoices.folder import folder_source
from etl.sources.litellm import litellm_source
from etl.sources.openwebui import openwebui_source
from etl.sources.seats.folder import seat_source

KINDS = ("fx", "directory", "gateway", "chat", "invoices", "seats")


@dataclass(frozen=True)
class Job:
    """One source to load. `kind` decides the order and the schedule; `open` makes the source anew for each run."""

    source: str
    kind: str
    open: Callable[[], AbstractContextManager[Source]]
    lookback_days: int = 2
    overlap_minutes: int = 15

    @property
    def name(self) -> str:
        return self.source if self.kind == self.source else f"{self.kind}:{self.source}"


def pseudonyms_for(settings: Settings, held: Iterable[str] = ()) -> Pseudonyms:
    """Pseudonyms under the secret of the environment, knowing the university's e-mail domains.

    Where the directory's files can't be read the domains are those `held`: its own job says what is wrong.
    """
    word = secret(settings.identity.secret_env)
    blank = Pseudonyms("0" * 64)  # domains are read before any address is
    try:
        domains = frozenset(directory_source(settings, blank, settings.base).domains())
    except SourceError:
        domains = frozenset(held)
    return Pseudonyms(word, domains)


def jobs(settings: Settings, pseudonyms: Pseudonyms) -> list[Job]:
    """Every configured job, in the order that needs the fewest rebuilds: rates and people before their use."""
    found = [
        Job("fx", "fx", lambda: closing(fx_source(settings.fx, settings.base))),
        Job("directory", "directory", lambda: closing(directory_source(settings, pseudonyms, settings.base))),
        *(_gateway(g, pseudonyms) for g in settings.gateways),
        *(_chat(c, settings, pseudonyms) for c in settings.chats),
        Job("invoices", "invoices", lambda: closing(folder_source(settings.invoices, settings.base, pseudonyms.key))),
    ]
    found.append(Job("seats", "seats", lambda: closing(seat_source(settings.seats, pseudonyms, settings.base))))
    found += [_cost_api(api, pseudonyms) for api in settings.invoices.apis]
    return found


def _cost_api(api: InvoiceApi, pseudonyms: Pseudonyms) -> Job:
    return Job(f"{api.provider}_costs", "invoices", lambda: closing(api_source(api, pseudonym=pseudonyms.key)))


def _gateway(gateway: Gateway, pseudonyms: Pseudonyms) -> Job:
    return Job(
        gateway.name,
        "gateway",
        lambda: closing(litellm_source(gateway, pseudonyms)),
        gateway.lookback_days,
        gateway.overlap_minutes,
    )


def _chat(chat: Chat, settings: Settings, pseudonyms: Pseudonyms) -> Job:
    return Job(
        chat.name, "chat", lambda: closing(openwebui_source(chat, pseudonyms, settings.base)), chat.lookback_days
    )
