"""Commands that read the platform back and judge what was read."""

import click
from rich.markup import escape

from connector.cli.in_turn import in_turn
from connector.cli.options import PROGRAMME, SITE
from connector.cli.progress import progress_bar
from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.context import Context
from connector.jobs.evaluate import EvaluateOutcome
from connector.jobs.evaluate import evaluate as evaluate_job
from connector.jobs.explain import Story, person_story
from connector.jobs.freshness import MirrorStatus, freshness_of, issues_untold, mirror_status, part_names
from connector.jobs.mirror import MirrorOutcome, Reach
from connector.jobs.mirror import mirror as mirror_job
from connector.jobs.shrinks import accept_shrink
from connector.language import _
from connector.model import mask_phone

SHOWN = 50


@click.group(invoke_without_command=True)
@PROGRAMME
@SITE
@click.option("--full", "reach", flag_value=Reach.FULL.value, help="Read every learner's results.")
@click.option(
    "--rolling", "reach", flag_value=Reach.ROLLING.value, help="Read a seventh of all others too: for every night."
)
@click.pass_context
def mirror(context: click.Context, programme: str | None, reach: str | None) -> None:
    """Copy users, cohorts, members, enrolments, topic results, grades and certificate issues into the mirror.

    Results are read of those who were active since the last run. What moves no activity (a completion entered late, a
    grade changed by hand) is found by --rolling within seven nights, by --full at once.
    """
    if context.invoked_subcommand:
        return
    session: Session = context.obj

    def mirrored(ctx: Context) -> int:
        with progress_bar(_("Mirror")) as bar:
            outcome = mirror_job(ctx, programme, reach=Reach(reach or Reach.MOVED), progress=bar.part)
        print_mirror(outcome)
        if issues_untold(ctx, ctx.programme(programme)) or outcome.held:
            click.echo(freshness_of(ctx, ctx.programme(programme)))
        if outcome.held:
            click.echo(_("'connector mirror accept NUMBER' takes a loss as true; else find out what the account lost."))
        return Exit.PARTLY_REFUSED if outcome.held else Exit.DONE

    with session.stoppable() as ctx:
        code = in_turn(ctx, programme, mirrored)
    raise click.exceptions.Exit(code)


def print_mirror(outcome: MirrorOutcome) -> None:
    """What was seen and what changed, by part."""
    names = part_names()
    table = plain_table(_("Part"), _("seen"), _("new"), _("changed"), _("gone"))
    for name, changes in outcome.parts:
        table.add_row(names[name], *map(str, (changes.seen, changes.new, changes.changed, changes.gone)))
    console = screen()
    console.print(table)
    console.print(
        _("Snapshot {snapshot}, {learners} learners' results read, {requests} requests").format(
            snapshot=outcome.run_id, learners=outcome.learners_read, requests=outcome.requests
        )
    )
    if outcome.odd:
        words = _("{count} rows could not be understood and were left aside; see 'connector mirror status'")
        console.print(words.format(count=len(outcome.odd)))


@mirror.command()
@PROGRAMME
@SITE
@pass_session
def status(session: Session, programme: str | None) -> None:
    """Tell how fresh each part of the mirror is, and what could not be understood. Nothing is read anew."""

    def told(ctx: Context) -> int:
        print_status(mirror_status(ctx, programme))
        return Exit.DONE

    in_turn(session.context, programme, told)


@mirror.command()
@click.argument("number", type=int)
@click.option("--by", required=True, metavar="NAME", help="Who has decided.")
@click.option("--reason", required=True, metavar="TEXT", help="Why the loss is true.")
@pass_session
def accept(session: Session, number: int, by: str, reason: str) -> None:
    """Take the loss that is held under NUMBER as true: the next mirror run believes as much of it."""
    hold = accept_shrink(session.context, number, by=by, reason=reason)
    words = _("{lost} missing of {before} ({part}) are accepted by {by}: {reason}. Run 'connector mirror' next.")
    click.echo(words.format(lost=hold.lost, before=hold.before, part=part_names()[hold.part], by=by, reason=reason))


def print_status(found: MirrorStatus) -> None:
    """The parts, then the rows in quarantine, people masked."""
    console = screen()
    table = plain_table(_("Part"), _("read"), _("all since"), _("bookmark"), _("rows"), _("Snapshot"))
    for part in found.parts:
        times = map(found.time, (part.read_at, part.whole_at, part.bookmark))
        table.add_row(part_names()[part.part], *times, str(part.seen), str(part.run_id or "-"))
    console.print(table)
    if not found.parts:
        console.print(found.line)
    for held in [*found.untold, *found.held]:
        console.print(held, markup=False)
    if not found.quarantine:
        return
    console.print(_("Rows that could not be understood; what was known before stands:"))
    odd = plain_table(_("Part"), _("place"), _("person"), _("why"), _("row"), _("since"), _("times"))
    for item in found.quarantine[:SHOWN]:
        person = mask_phone(item.username)
        since = found.time(item.first_seen)
        odd.add_row(part_names()[item.part], item.place, person, item.why, escape(item.raw), since, str(item.times))
    console.print(odd)
    if len(found.quarantine) > SHOWN:
        console.print(_("... and {count} more").format(count=len(found.quarantine) - SHOWN))


@click.command()
@PROGRAMME
@pass_session
def evaluate(session: Session, programme: str | None) -> None:
    """Judge every registered learner by the programme's rule, from the mirror."""
    print_evaluation(evaluate_job(session.context, programme))


def print_evaluation(outcome: EvaluateOutcome) -> None:
    """How many were judged and have passed, and whether a person must decide something."""
    click.echo(
        _(
            "{judged} learners judged on snapshot {snapshot}: {passed} have completed, {changed} verdicts changed"
        ).format(judged=outcome.judged, snapshot=outcome.snapshot.id, passed=outcome.passed, changed=outcome.changed)
    )
    if outcome.open_cases:
        click.echo(
            _(
                "{count} cases are open ({new} of them new): certificates of which a person must decide something. "
                "See 'connector cases list'."
            ).format(count=outcome.open_cases, new=outcome.cases)
        )
    click.echo(outcome.freshness)


@click.command()
@click.argument("phone")
@PROGRAMME
@pass_session
def explain(session: Session, phone: str, programme: str | None) -> None:
    """Tell one person's story, from the roster cell to the certificate. PHONE may be written in any usual way."""
    print_story(person_story(session.context, phone, programme))


def print_story(story: Story) -> None:
    """The chapters of a story, each with its lines."""
    console = screen()
    for chapter in story.chapters:
        console.print(f"[bold]{chapter.title}[/]")
        for line in chapter.lines:
            console.print(f"  {line}", markup=False)
