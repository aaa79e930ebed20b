"""`connector plan`, `connector approve` and `connector apply`."""

from pathlib import Path

import click

from connector.cli.in_turn import in_turn, tell_site
from connector.cli.options import BY, PROGRAMME, PROVINCES, SITE
from connector.cli.progress import progress_bar
from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.apply import apply as apply_job
from connector.jobs.apply import load_plan
from connector.jobs.approve import approve as approve_job
from connector.jobs.plan import make_plan
from connector.jobs.plan_files import check_plan_file, write_plan
from connector.language import _
from connector.sync.losses import loss_notices
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan
from connector.sync.planfile import to_json
from connector.sync.render import conditions, notices, summary_rows, to_markdown
from connector.sync.words import action_word, kind_word

SHOWN = 20
PLAN_FILE = click.argument(
    "plan_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="PLAN.JSON"
)
OVERRIDE = click.option(
    "--override", metavar="REASON", help="Let through what guards hold back, and say why; it stands in the plan."
)


@click.command()
@PROGRAMME
@SITE
@PROVINCES
@click.option(
    "--out",
    "files",
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    help="Write the plan to this file: .json (for apply), .md or .xlsx (to be read); may be repeated.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json", "md")),
    default="table",
    help="What is printed (default: table).",
)
@OVERRIDE
@BY
@pass_session
def plan(
    session: Session,
    *,
    programme: str | None,
    provinces: tuple[str, ...],
    files: tuple[Path, ...],
    form: str,
    override: str | None,
    by: str,
) -> None:
    """Tell what would change on the platform, by kind and province. Nothing is written to the platform.

    Of a programme on several sites each has a plan of its own: --out plan.json writes plan-SITE.json for each.
    Exit code 0 when nothing would change, 3 when something would.
    """
    whole = session.context
    reason = override_reason(override)
    for path in files:
        check_plan_file(path)
    several = len(whole.each_site(programme)) > 1
    if several and form == "json":
        raise ConfigError(_("The JSON of one plan alone can be printed."), hint=_("Name a site with --site."))

    def planned(ctx: Context) -> int:
        made = make_plan(ctx, programme, provinces, by=by.strip(), override=reason)
        print_plan(made, form)
        for path in (own_file(path, made.site) if several else path for path in files):
            write_plan(ctx, made, path)
            if form == "table":
                tell_plan_file(path)
        return Exit.DONE if made.empty else Exit.CHANGES_PLANNED

    raise click.exceptions.Exit(in_turn(whole, programme, planned))


def own_file(path: Path, site: str) -> Path:
    """The name of one site's file where a command writes one for each: plan.json becomes plan-mooc.json."""
    return path.with_stem(f"{path.stem}-{site}")


def override_reason(given: str | None) -> str:
    """The reason that --override gives, '' without the option. Raises ConfigError for an empty one."""
    if given is not None and not given.strip():
        raise ConfigError(
            _("An override needs a reason."), hint=_("Say why it is meant: connector plan --override 'the reason'")
        )
    return (given or "").strip()


def tell_plan_file(path: Path) -> None:
    """Where a plan lies, and how it is applied if it is the file for that."""
    if path.suffix.lower() == ".json":
        click.echo(_("The plan is in {path}; apply it with: connector apply {path}").format(path=path))
    else:
        click.echo(_("To be read: {path}").format(path=path))


@click.command()
@PLAN_FILE
@BY
@pass_session
def approve(session: Session, plan_file: Path, by: str) -> None:
    """Show a plan that somebody else has made and approve it, by name and time. Nothing is written to the platform."""
    ctx = session.context
    read = load_plan(plan_file)
    print_plan(read)
    approval = approve_job(ctx, read, by.strip())
    click.echo(
        _("{name} has approved it. Apply it with: connector apply {path}").format(
            name=approval.approver, path=plan_file
        )
    )


@click.command()
@click.argument(
    "plan_files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="PLAN.JSON...",
    nargs=-1,
    required=True,
)
@BY
@pass_session
def apply(session: Session, plan_files: tuple[Path, ...], by: str) -> None:
    """Make exactly what the plan says; refuse if the world has moved since.

    Several plans (of several sites) are made one after the other; the first that does not come to its end is the last.
    Ctrl-C, SIGTERM or SIGHUP stops when nothing is in flight (exit code 130, 143 or 129); `connector resume` goes on.
    """
    codes = []
    for path in plan_files:
        with session.stoppable(by) as ctx, progress_bar(_("Apply")) as bar:
            made = load_plan(path)
            if len(plan_files) > 1:
                tell_site(made.site)
            outcome = apply_job(ctx, made, bar.step)
        print_apply(outcome)
        codes.append(exit_code_of(outcome))
        if outcome.stopped_by is not None:
            break
    for path in plan_files[len(codes) :]:
        click.echo(_("Not begun: {path}").format(path=path), err=True)
    raise click.exceptions.Exit(next(filter(None, reversed(codes)), Exit.DONE))


def print_plan(made: Plan, form: str = "table") -> None:
    """The plan as a table with what is left to people, as a Markdown page, or as the JSON that apply takes."""
    if form == "table":
        _print_table(made)
    else:
        click.echo(to_markdown(made) if form == "md" else to_json(made))


def _print_table(made: Plan) -> None:
    console = screen()
    if made.empty:
        console.print(_("No changes."))
    else:
        rows = summary_rows(made)
        table = plain_table(*rows.headings)
        for row in rows.rows:
            table.add_row(*row)
        console.print(table)
        console.print(
            _("{count} changes on site {site}, checksum {checksum}").format(
                count=len(made.changes), site=made.site, checksum=made.checksum[:12]
            )
        )
    for line in (*loss_notices(made), *notices(made), *conditions(made)):
        console.print(line, markup=False)


def print_apply(outcome: ApplyOutcome) -> None:
    """What became of the changes."""
    click.echo(
        _("{done} done, {already} already so, {refused} refused, {unknown} unknown, {left} not tried").format(
            done=outcome.done,
            already=outcome.already,
            refused=outcome.refused,
            unknown=outcome.unknown,
            left=outcome.left,
        )
    )
    for refusal in outcome.refusals[:SHOWN]:
        what = f"{kind_word(refusal.kind)} ({action_word(refusal.action)}) {refusal.subject}"
        click.echo(f"  {what}: {refusal.message or refusal.code}")
    if len(outcome.refusals) > SHOWN:
        click.echo(_("  ... and {count} more").format(count=len(outcome.refusals) - SHOWN))
    if outcome.stopped_by is not None:
        click.echo(_("Stopped: {why}").format(why=outcome.stopped_by), err=True)
        click.echo(
            _("What was settled is kept. Go on with: connector resume {run}").format(run=outcome.run_id), err=True
        )


def exit_code_of(outcome: ApplyOutcome) -> int:
    """The exit code that an apply ends with."""
    if outcome.stopped_by is not None:
        return outcome.stopped_by.exit_code
    return Exit.DONE if outcome.complete else Exit.PARTLY_REFUSED
