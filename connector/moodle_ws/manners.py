"""How one Moodle site is spoken to, out of the site's configuration."""

from dataclasses import dataclass, fields
from typing import Literal

from connector.settings import Site
from connector.wire import caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners(caller.Manners):
    """The manners of every client, and Moodle's own.

    `form_variables` is the most that a plain form may hold where the batch function is missing, unless `probe` finds
    that more arrive.
    """

    answers: Literal["json", "xml"] = "json"
    form_variables: int = 900
    probe: bool = False


AS_USUAL = Manners()


def manners_of(site: Site) -> Manners:
    """The manners that a site's configuration asks for."""
    usual = caller.manners_of(site)
    return Manners(
        **{one.name: getattr(usual, one.name) for one in fields(usual)},
        answers=site.format,
        form_variables=site.form_variables,
        probe=True,
    )
