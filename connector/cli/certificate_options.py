"""Options that the commands on certificates share: who decides, and whom it concerns."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from connector.certificates.due import Selection
from connector.cli.options import PROVINCES, numbers_in
from connector.mappers.roster import phone_of_text

BY = click.option(
    "--by", required=True, metavar="NAME", help="Who decides; see certificates.approvers in the settings."
)
REASON = click.option("--reason", default="", metavar="TEXT", help="Why; it stands in the history.")
_WHOM = (
    PROVINCES,
    click.option(
        "--commune", "communes", metavar="CODE", multiple=True, help="Only this commune (five digits); may be repeated."
    ),
    click.option("--phone", "phones", metavar="PHONE", multiple=True, help="Only this person; may be repeated."),
    click.option(
        "--phones",
        "phone_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Only the people of this text file, a phone number in each line.",
    ),
)


def whom(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose people; the command gets them together, as a Selection named `chosen`."""

    @wraps(command)
    def with_selection(
        *args: Any,
        provinces: tuple[str, ...],
        communes: tuple[str, ...],
        phones: tuple[str, ...],
        phone_file: Path | None,
        **others: Any,
    ) -> Any:
        numbers = [phone_of_text(text) for text in phones]
        if phone_file is not None:
            numbers += numbers_in(phone_file)
        chosen = Selection(
            provinces=provinces or None,
            communes=communes or None,
            phones=numbers if phones or phone_file is not None else None,
        )
        return command(*args, chosen=chosen, **others)

    for option in reversed(_WHOM):
        with_selection = option(with_selection)
    return with_selection
