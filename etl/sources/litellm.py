"""LiteLLM, the gateway: the authority for requests, tokens, metered cost, failures, latency and API use.

Read from its database where a read-only role is given (deploy/postgres/litellm_readonly.sql), else over REST; both
ways give the same rows.
"""

import httpx

from etl.identity import Pseudonyms
from etl.sections import Gateway
from etl.settings import secret
from etl.sources.base import Source
from etl.sources.http import PATIENT, Retries
from etl.sources.litellm_database import Database
from etl.sources.litellm_rest import Rest


def litellm_source(
    settings: Gateway,
    pseudonyms: Pseudonyms,
    *,
    transport: httpx.BaseTransport | None = None,
    retries: Retries = PATIENT,
) -> Source:
    """The source the settings ask for: the database if `database_url_env` is given, else REST.

    Raises ConfigError when the named environment variable is missing. `transport` and `retries` are for tests of REST.
    """
    if settings.database_url_env is not None:
        return Database(settings, pseudonyms, secret(settings.database_url_env))
    assert settings.api_key_env is not None  # Gateway insists on one way in
    return Rest(settings, pseudonyms, secret(settings.api_key_env), transport=transport, retries=retries)
