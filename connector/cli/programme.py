"""Commands on programmes: their files, exemptions, versions of rules, and what would be under another rule."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from connector.cli.options import AS_OF, PROGRAMME, moment_of, numbers_in
from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.jobs import programme as job
from connector.jobs.whatif import WhatIf, what_if
from connector.language import _
from connector.model import mask_phone
from connector.places import province_by_code

TOPIC = click.option("--topic", default="", metavar="KEY", help="The topic.")
PART = click.option("--part", default="", metavar="NAME", help="The part of the rule, instead of a topic.")
BY = click.option("--by", required=True, metavar="NAME", help="Who notes it.")


@click.group()
def programme() -> None:
    """Programmes: their files and rules, and who is exempt."""


@programme.command()
@click.argument("programmes", nargs=-1, metavar="[FILE|KEY]...")
@click.option("--json", "as_json", is_flag=True, help="Print values.")
@pass_session
def check(session: Session, programmes: tuple[str, ...], *, as_json: bool) -> None:
    """Check programme files (all, if none is named) and tell what their rules mean. Nothing else is needed for it."""
    found = job.check_programmes(session.settings, programmes)
    if as_json:
        click.echo(json.dumps([_values(one) for one in found], ensure_ascii=False, indent=1))
    else:
        print_checked(found)
    raise click.exceptions.Exit(Exit.CONFIG if any(one.problems for one in found) else Exit.DONE)


def print_checked(found: Sequence[job.Checked]) -> None:
    """For each file all that is wrong, or what its rule means."""
    for one in found:
        if one.problems:
            click.echo(_("{path}: {count} problems").format(path=one.path, count=len(one.problems)))
            for problem in one.problems:
                click.echo(f"  {problem}")
        else:
            click.echo(_("{path}: in order, rule version {version}").format(path=one.path, version=one.version))
            for line in one.words:
                click.echo(f"  {line}")


def _values(one: job.Checked) -> dict[str, object]:
    return {
        "file": str(one.path),
        "version": one.version,
        "words": list(one.words),
        "problems": [
            {"file": str(found.path), "line": found.line, "where": found.where, "why": found.why}
            for found in one.problems
        ],
    }


@programme.command()
@PROGRAMME
@pass_session
def versions(session: Session, programme: str | None) -> None:
    """List the rules by which the programme has been judged, each in the words of its time."""
    for version, first_used_at, words in job.rule_versions(session.context, programme):
        click.echo(
            _("{version}, first used {when}").format(version=version, when=f"{first_used_at.astimezone():%d/%m/%Y}")
        )
        for line in words:
            click.echo(f"  {line}")


@programme.command()
@click.argument("phones", nargs=-1, metavar="[PHONE]...")
@click.option(
    "--file",
    "phone_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The people of this text file too, a phone number in each line.",
)
@PROGRAMME
@TOPIC
@PART
@click.option("--decision", metavar="NUMBER", help="Number of the decision, such as 123/QĐ-SNV.")
@click.option("--on", "decided_on", type=click.DateTime(["%Y-%m-%d"]), help="Day of the decision, such as 2025-12-03.")
@BY
@click.option("--lift", is_flag=True, help="End the exemption instead; it stays on record.")
@pass_session
def exempt(
    session: Session,
    phones: tuple[str, ...],
    *,
    phone_file: Path | None,
    programme: str | None,
    topic: str,
    part: str,
    decision: str | None,
    decided_on: datetime | None,
    by: str,
    lift: bool,
) -> None:
    """Note that people (PHONE...) are exempt from a topic or a part of the rule, by a decision; all or none of them."""
    target = job.Target(topic=topic, part=part)
    people = [*phones, *(numbers_in(phone_file) if phone_file else ())]
    if not people:
        raise click.UsageError(_("Say who: phone numbers, or a file of them (--file)."))
    if lift:
        lifted = job.lift_exemption(session.context, people, target, by=by, programme_key=programme)
        for one in lifted:
            click.echo(_("{person}: the exemption is ended").format(person=mask_phone(one.phone)))
        return
    if not decision or decided_on is None:
        raise click.UsageError(_("An exemption rests on a decision: give --decision and --on."))
    made = job.exempt(
        session.context,
        people,
        target,
        decision=decision,
        decided_on=decided_on.date(),
        by=by,
        programme_key=programme,
    )
    words = _("{person}: exempt from {target} by decision {decision}; counts from the next 'connector evaluate' on")
    for one in made:
        click.echo(words.format(person=mask_phone(one.phone), target=one.topic or one.part, decision=one.decision))


@programme.command()
@PROGRAMME
@pass_session
def exemptions(session: Session, programme: str | None) -> None:
    """List the exemptions in force. Nothing is written."""
    found = job.exemptions(session.context, programme)
    table = plain_table(_("Phone"), _("Exempt from"), _("Decision"), _("Day"), _("Noted by"))
    for one in found:
        day = f"{one.decided_on:%d/%m/%Y}"
        table.add_row(mask_phone(one.phone), one.topic or one.part, one.decision, day, one.by)
    console = screen()
    if found:
        console.print(table)
    console.print(_("{count} exemptions").format(count=len(found)))


@click.command()
@PROGRAMME
@click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE", help="A change, such as total.count=9; may be repeated."
)
@AS_OF
@pass_session
def whatif(session: Session, programme: str | None, changes: tuple[str, ...], as_of: datetime | None) -> None:
    """Tell how many would pass under a changed rule, or had passed by a day. Nothing is written."""
    if not changes and as_of is None:
        raise click.UsageError(_("Say what would be: --set NAME=VALUE, or --as-of DATE."))
    ctx = session.context
    at = moment_of(as_of, ctx.programme(programme).zone)
    print_what_if(what_if(ctx, programme, changes=changes, as_of=at))


def print_what_if(answer: WhatIf) -> None:
    """The rule that was asked for, and who would pass by it, by province."""
    for line in answer.words:
        click.echo(line)
    table = plain_table(_("Province"), _("Take part"), _("Pass now"), _("Would pass"), _("Gained"), _("Lost"))
    for column in table.columns[1:]:
        column.justify = "right"
    for one in answer.provinces:
        numbers = (one.people, one.now, one.then, one.gained, one.lost)
        table.add_row(f"{one.province_code} {province_by_code(one.province_code).name}", *map(str, numbers))
    sums = [sum(getattr(one, name) for one in answer.provinces) for name in ("people", "now", "then", "gained", "lost")]
    table.add_row(_("Total"), *map(str, sums))
    screen().print(table)
    if answer.as_of is not None:
        click.echo(_("As of {when}; grades are those of today").format(when=f"{answer.as_of:%H:%M %d/%m/%Y}"))
