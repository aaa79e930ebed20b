"""Use case: can the service be started as it is configured; everything that is in the way, at once."""

import os
from collections.abc import Iterator
from pathlib import Path

from connector.context import Context
from connector.errors import ConnectorError
from connector.jobs.doctor import examine
from connector.jobs.pick_up import incoming
from connector.jobs.sealing import read_key
from connector.jobs.service.slots import slots_named
from connector.language import _
from connector.lms import Severity
from connector.places import provinces
from connector.programmes.definition import examine_programme, known_programmes, programme_file
from connector.settings import ScheduledJob


def problems(ctx: Context) -> list[str]:
    """What is in the way, a line each; empty when the service can be started. Makes a missing key and pickup."""
    return [*_jobs(ctx), *_programmes(ctx), *_folders(ctx), *_key(ctx), *_sites(ctx)]


def _jobs(ctx: Context) -> Iterator[str]:
    if not ctx.settings.jobs:
        yield _("No jobs are declared (jobs in the configuration).")
    for job in ctx.settings.jobs:
        try:
            slots_named(ctx, job.name)
        except ConnectorError as error:
            yield f"{job.name}: {error}"


def _programmes(ctx: Context) -> Iterator[str]:
    folder = ctx.settings.programmes_dir
    for key in known_programmes(folder):
        yield from map(str, examine_programme(programme_file(folder, key)).problems)


def _folders(ctx: Context) -> Iterator[str]:
    if not _writable(ctx.settings.state_dir):
        yield _unwritable(ctx.settings.state_dir)
        return
    for job in ctx.settings.jobs:
        if job.job == "pick-up":
            yield from _incoming(ctx, job)


def _incoming(ctx: Context, job: ScheduledJob) -> Iterator[str]:
    try:
        folder = incoming(ctx, job)
    except ConnectorError as error:
        yield f"{job.name}: {error}"
        return
    provinces_folders = [folder / one.code for one in provinces() if (folder / one.code).is_dir()]
    yield from (f"{job.name}: {_unwritable(one)}" for one in (folder, *provinces_folders) if not _writable(one))


def _unwritable(folder: Path) -> str:
    return _("Nothing can be written into the folder {path}.").format(path=folder)


def _writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _key(ctx: Context) -> Iterator[str]:
    try:
        read_key(ctx.settings.password_key)
    except (ConnectorError, OSError) as error:
        yield str(error)


def _sites(ctx: Context) -> Iterator[str]:
    """What the doctor finds wrong with the sites of each programme that a job names."""
    for key in dict.fromkeys(job.programme or ctx.settings.default_programme for job in ctx.settings.jobs):
        try:
            findings = [finding for here in ctx.each_site(key) for finding in examine(here, key)]
        except ConnectorError:
            continue  # told among the jobs
        for finding in findings:
            if finding.severity is Severity.ERROR:
                yield f"{key}: {finding.subject}: {finding.detail} {finding.remedy}".strip()
