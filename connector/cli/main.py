"""The `connector` command: parses, calls one job, prints. Known errors become one line and an exit code."""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from connector import __version__
from connector.cli.acts import acts
from connector.cli.adopt import adopt
from connector.cli.backup import backup, recover, restore
from connector.cli.by_hand import by_hand
from connector.cli.cases import cases
from connector.cli.certificate_register import paper, register, reissue, revoke, verify
from connector.cli.certificates import certificates
from connector.cli.demo import demo
from connector.cli.doctor import doctor
from connector.cli.jobs import jobs
from connector.cli.mirror import evaluate, explain, mirror
from connector.cli.moodle import moodle
from connector.cli.passwords import passwords
from connector.cli.person import person, retention
from connector.cli.places import places
from connector.cli.programme import programme, whatif
from connector.cli.renames import renames
from connector.cli.report import report
from connector.cli.results import results
from connector.cli.roster import roster
from connector.cli.runs import resume, runs, undo
from connector.cli.sandbox import sandbox
from connector.cli.serve import serve
from connector.cli.session import Exit, Session
from connector.cli.site import site
from connector.cli.sync import apply, approve, plan
from connector.errors import ConnectorError
from connector.language import _, use_language
from connector.settings import FILE_VARIABLE


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--config",
    "-c",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar=FILE_VARIABLE,
    help="Configuration file (default: config/connector.yaml if it is there).",
)
@click.option("--scheduled", is_flag=True, help="Started by a schedule, not by a person: 'connector runs' tells it.")
@click.version_option(__version__, prog_name="connector")
@click.pass_context
def cli(context: click.Context, config: Path | None, *, scheduled: bool) -> None:
    """Run a training programme on an existing Moodle, from outside, through its web services.

    A roster row comes in, becomes a learner, is planned, applied to the platform, mirrored back, judged by a rule,
    certified and reported.

    Exit codes: 0 done, 1 failed, 3 changes planned, 4 partly refused, 5 unsafe, 6 configuration, 130 or 143 stopped.
    """
    if context.obj is None:
        context.obj = Session(config, scheduled=scheduled)
    context.obj.choose_language()
    context.call_on_close(context.obj.close)


for command in (
    doctor,
    site,
    backup,
    restore,
    recover,
    moodle,
    roster,
    places,
    adopt,
    renames,
    by_hand,
    plan,
    approve,
    apply,
    passwords,
    mirror,
    results,
    evaluate,
    explain,
    whatif,
    programme,
    cases,
    certificates,
    report,
    person,
    acts,
    retention,
    sandbox,
    demo,
    serve,
    jobs,
    runs,
    resume,
    undo,
):
    cli.add_command(command)
for verb in (revoke, reissue, register, paper, verify):
    certificates.add_command(verb)


# A plan for a country is a million small values that live until it is done; looking through them for cycles after every
# 700 new ones costs a third of all time. Memory is bounded by shards, not by the collector.
COLLECT = (200_000, 50, 1_000)


# Whatever a command writes may hold people's data: database, reports, plans, answers.
OWNER_ALONE = 0o077


def main(arguments: Sequence[str] | None = None) -> None:
    """Run these arguments (those of this process when None); never returns."""
    use_language("vi")
    os.umask(OWNER_ALONE)
    gc.set_threshold(*COLLECT)
    try:
        code = cli.main(arguments, prog_name="connector", standalone_mode=False)
    except ConnectorError as error:
        click.echo(_("Error: {message}").format(message=error), err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    sys.exit(code or Exit.DONE)
