"""`connector places`: look up provinces and communes, and merge the cohorts of former provinces."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from connector.cli.options import BY, PROGRAMME, SITE
from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.cli.sync import OVERRIDE, override_reason, print_plan, tell_plan_file
from connector.jobs.merge import make_merger
from connector.jobs.plan_files import check_plan_file, write_plan
from connector.language import _
from connector.places.finding import Answer, Place, find_places


class FindByDefault(click.Group):
    """A group in which everything that is no command of it is a place to be found."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = args and args[0] in {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if known else ["find", *args])


@click.group(cls=FindByDefault)
def places() -> None:
    """Look up a province or commune (`places FIND`); merge the cohorts of former provinces (`places merge`)."""


@places.command()
@click.argument("find", nargs=-1, required=True)
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="As it was on this day: 2025-06-30.")
@click.option("--json", "as_json_", is_flag=True, help="Print one JSON object.")
def find(find: tuple[str, ...], day: datetime | None, *, as_json_: bool) -> None:
    """Look up a province or commune by name, former name, abbreviation or code; the word `find` may be left out.

    FIND is a name ("Hải Dương", "xã Tân An, Cần Thơ", "BR-VT") or a code (24, 10804). Exit code 0: one place; 4:
    several, a person has to choose; 1: none. Seven province codes were given to another province on 2025-07-01: give
    the day of the document with --on.
    """
    answer = find_places(" ".join(find), day.date() if day else None)
    if as_json_:
        click.echo(json.dumps(_plain(answer), ensure_ascii=False))
    else:
        _print(answer)
    raise click.exceptions.Exit(_exit_code(answer))


@places.command()
@click.argument("pairs", nargs=-1, metavar="[OLD_IDNUMBER=PROVINCE_CODE]...")
@PROGRAMME
@SITE
@click.option(
    "--out",
    "files",
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    help="Write the plan to this file: .json (for apply), .md or .xlsx (to be read); may be repeated.",
)
@OVERRIDE
@BY
@pass_session
def merge(
    session: Session,
    *,
    pairs: tuple[str, ...],
    programme: str | None,
    files: tuple[Path, ...],
    override: str | None,
    by: str,
) -> None:
    """Tell what would move people from the cohorts of former provinces. Nothing is written to the platform.

    VN-02=08 puts our people of the cohort VN-02 into that of province 08. Without a pair: all cohorts of ours that bear
    a province no longer in force. Each is added to the new cohort, then taken out of the old one, which stays and is
    named after both. Exit codes as of `plan`; `connector apply` makes the plan.
    """
    ctx = session.context
    reason = override_reason(override)
    for path in files:
        check_plan_file(path)
    made = make_merger(ctx, programme, pairs, by=by.strip(), override=reason)
    print_plan(made)
    for path in files:
        write_plan(ctx, made, path)
        tell_plan_file(path)
    raise click.exceptions.Exit(Exit.DONE if made.empty else Exit.CHANGES_PLANNED)


def _exit_code(answer: Answer) -> Exit:
    if not answer.places:
        return Exit.FAILED
    return Exit.DONE if len(answer.places) == 1 else Exit.PARTLY_REFUSED


def _print(answer: Answer) -> None:
    if len(answer.places) > 1:
        click.echo(_("{count} places bear this name or code; a person has to choose:").format(count=len(answer.places)))
    if not answer.places:
        click.echo(_("No place is called so, every mark counted."))
    if answer.near:
        click.echo(_("These differ in their marks only:"))
    if answer.places or answer.near:
        screen().print(_table(answer.places or answer.near))


def _table(found: tuple[Place, ...]) -> Table:
    table = plain_table(_("Code"), _("Place"), _("Known so"), _("Province in force"))
    for place in found:
        table.add_row(place.code, place.full_name, _period(place), f"{place.province.code} {place.province.full_name}")
    return table


def _period(place: Place) -> str:
    begins = f"{place.begins:%d/%m/%Y}"
    if place.ends is None:
        return _("since {begins}").format(begins=begins)
    return _("from {begins}, until {ends} (excluded)").format(begins=begins, ends=f"{place.ends:%d/%m/%Y}")


def _plain(answer: Answer) -> dict[str, Any]:
    return {"places": [_values(one) for one in answer.places], "near": [_values(one) for one in answer.near]}


def _values(place: Place) -> dict[str, Any]:
    ends: date | None = place.ends
    return {
        "level": place.level,
        "code": place.code,
        "full_name": place.full_name,
        "since": place.begins.isoformat(),
        "until": ends.isoformat() if ends else None,
        "province_code": place.province.code,
        "province": place.province.full_name,
    }
