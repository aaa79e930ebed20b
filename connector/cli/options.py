"""Options that several commands share."""

from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import click

from connector.cli.session import Session
from connector.errors import ConfigError
from connector.language import _
from connector.mappers.roster import phone_of_text

PROGRAMME = click.option("--programme", "-p", metavar="KEY", help="Key of the programme (default: from the settings).")
PROVINCES = click.option(
    "--province", "provinces", metavar="CODE", multiple=True, help="Only this province (two digits); may be repeated."
)
FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
BY = click.option("--by", metavar="NAME", default="", help="Who does this (default: the user of this computer).")
REASON = click.option("--reason", metavar="TEXT", required=True, help="Why, for whoever asks later.")
WHO = click.option("--who", metavar="WHO", default="", help="A phone number, a username or a cohort's ID number.")
FIELD = click.option("--field", metavar="FIELD", default="", help="Only this field, such as email or fields.city.")
AS_OF = click.option(
    "--as-of",
    "as_of",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="A day, up to its end, or a time of a day, in the programme's zone; such as 2025-12-09 or 2025-12-09T12:00.",
)


def _keep_to(context: click.Context, _option: click.Parameter, key: str | None) -> None:
    session = context.find_object(Session)
    if session is not None and key is not None:
        session.site = key


SITE = click.option(
    "--site",
    metavar="KEY",
    callback=_keep_to,
    expose_value=False,
    help="Only this site of a programme that stands on several.",
)


def moment_of(given: datetime | None, zone: tzinfo) -> datetime | None:
    """The moment that --as-of names, aware; for a day its last one."""
    if given is None:
        return None
    is_a_day = (given.hour, given.minute) == (0, 0)
    return given.replace(tzinfo=zone) + (timedelta(days=1, microseconds=-1) if is_a_day else timedelta())


def numbers_in(file: Path) -> list[str]:
    """The numbers of a text file, one in each line. Raises ConfigError: no text, or the line of one that is none."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ConfigError(
            _("{file} is no text file in UTF-8.").format(file=file),
            hint=_("Save it as text with a phone number in each line."),
        ) from None
    numbers = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            numbers.append(phone_of_text(line))
        except ConfigError as error:
            raise ConfigError(f"{file}:{number}: {error.message}", hint=error.hint) from None
    return numbers
