"""The doctor: tries every configured source and says in plain words what is wrong and how to mend it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from etl.errors import EtlError
from etl.identity import MINIMUM_SECRET
from etl.jobs import Job, jobs, pseudonyms_for
from etl.reference_data import ModelNames, calendar_rows
from etl.run import message_of
from etl.settings import Settings
from etl.sources.base import Finding


def examine(settings: Settings) -> Iterator[tuple[str, Finding]]:
    """(source, finding) for the secret, the storage folder and every source; never stops at the first problem."""
    secret = _secret(settings)
    yield "identity", secret
    yield "storage", _storage(settings.path(settings.storage.folder))
    if secret.level == "fail":
        return
    try:
        known = jobs(settings, pseudonyms_for(settings))
    except EtlError as error:
        yield "configuration", Finding("fail", "configuration", str(error), "mend what the message names")
        return
    for job in known:
        for finding in _of(job):
            yield job.name, finding
    for finding in _references(settings):
        yield "directory", finding


def _of(job: Job) -> Iterator[Finding]:
    """A source's own findings; what breaks it is a finding too, since a doctor that breaks helps nobody."""
    try:
        with job.open() as source:
            yield from source.examine()
    except EtlError as error:
        yield Finding("fail", "opening", str(error), "mend what the message names")
    except Exception as error:  # as where jobs are run: one source must not keep the others from being tried
        remedy = "check this source's settings and secrets for unusual characters; --debug shows where it happened"
        yield Finding("fail", "examining", message_of(error), remedy)


def _references(settings: Settings) -> Iterator[Finding]:
    """Whether the reference files that are no source of rows can be read."""
    for name, read in (("models.csv", ModelNames.read), ("calendar.csv", calendar_rows)):
        try:
            read(settings)
        except EtlError as error:
            yield Finding("fail", name, str(error), "mend the file; see docs/directory.md")


def _secret(settings: Settings) -> Finding:
    name = settings.identity.secret_env
    value = os.environ.get(name, "")
    if not value:
        remedy = (
            f"set {name} to at least {MINIMUM_SECRET} random characters, e.g. from: openssl rand -hex 32; keep it safe"
        )
        return Finding("fail", name, "the secret for pseudonyms is not set", remedy)
    if len(value) < MINIMUM_SECRET:
        return Finding("fail", name, f"the secret has only {len(value)} characters", f"use at least {MINIMUM_SECRET}")
    return Finding("ok", name, "the secret for pseudonyms is set")


def _storage(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(
            "fail", str(folder), f"can't be written: {error.strerror}", "give the ETL's user the right to write there"
        )
    free = os.statvfs(folder)
    gigabytes = free.f_bavail * free.f_frsize / 1e9
    if gigabytes < 5:
        return Finding("warn", str(folder), f"only {gigabytes:.1f} GB are free", "give it at least 5 GB")
    return Finding("ok", str(folder), f"writable, {gigabytes:.0f} GB free")
