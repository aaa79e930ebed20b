"""`connector serve`: the service, until it is asked to stop."""

import logging
import os
import signal
import sys
from contextlib import ExitStack
from dataclasses import replace
from threading import Timer

import click

from connector.cli.session import Exit, Session, pass_session
from connector.cli.stopping import stop_signals
from connector.context import Context
from connector.jobs.service.channels import channels
from connector.jobs.service.check import problems
from connector.jobs.service.endpoints import Endpoints
from connector.jobs.service.json_log import log_as_json
from connector.jobs.service.running import Running
from connector.jobs.service.service import Service
from connector.jobs.service.slots import slots_of
from connector.language import _

LOG = logging.getLogger("connector.service")


@click.command()
@click.option("--check", is_flag=True, help="Only tell what is in the way of a start; exit code 6 if anything is.")
@pass_session
def serve(session: Session, *, check: bool) -> None:
    """Run the jobs of the configuration at their times until SIGTERM or Ctrl-C; nobody types anything any more.

    Two services on the same database run each tick once. A stop waits for a safe point (serve.stop_within).
    """
    ctx = session.context
    if check:
        _tell_check(problems(ctx))
        return
    log_as_json()
    _serve(ctx)
    session.close()
    sys.stderr.flush()
    os._exit(Exit.DONE)  # nothing is left to do, and to take down the interpreter lasts for seconds


def _tell_check(found: list[str]) -> None:
    for line in found:
        click.echo(f"✗ {line}")
    if found:
        raise click.exceptions.Exit(Exit.CONFIG)
    click.echo(_("Everything is ready: connector serve"))


def _serve(ctx: Context) -> None:
    """Serve until a signal comes and running jobs have come to a safe point."""
    # Blocked before any thread begins, so that they wait for sigwait; a second one ends the process at once.
    asking = stop_signals()
    signal.pthread_sigmask(signal.SIG_BLOCK, asking)
    service = Service(ctx, slots_of(ctx), channels(ctx.settings.alerts))
    service.ctx = replace(service.ctx, wait=lambda seconds: (service.stopping.wait(seconds), None)[1])
    running = Running(service, ctx.settings.serve.look_every)
    with ExitStack() as closing:
        if ctx.settings.serve.port:
            endpoints = Endpoints(service, ctx.settings.serve.port)
            closing.callback(endpoints.close)
            LOG.info("listening", extra={"port": endpoints.port})
        running.start()
        LOG.info("serving", extra={"count": len(service.slots)})
        LOG.info("stopping", extra={"signal": signal.sigwait(asking)})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, asking)
        patience = Timer(ctx.settings.serve.stop_within.total_seconds(), _cut_off)
        patience.daemon = True
        patience.start()
        running.stop()
    LOG.info("stopped")


def _cut_off() -> None:
    """End the process if it still lives then: a call in flight would not end. Who goes on reads back what it did."""
    LOG.error("cut off")
    sys.stderr.flush()
    os._exit(Exit.FAILED)
