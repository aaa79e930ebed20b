"""A hand-out as slips to be printed and cut: A4, eight to a page, typeset by typst with the fonts that it brings.

Libertinus Serif has every Vietnamese letter, DejaVu Sans Mono tells l from 1; both are embedded, so any machine prints
the same. No font of the system is used.
"""

import json
from importlib.resources import files

import typst

from connector.handouts.handout import Credentials, Handout
from connector.language import _


def slips_of(handout: Handout) -> bytes:
    """The PDF, not yet encrypted; nothing is written to the disk. People stand in the order of the hand-out."""
    content = {
        "programme": handout.short_name,
        "address": handout.address,
        "labels": [_("Log in at"), _("Log-in name"), _("First password")],
        "slip": handout.slip,
        "people": [_texts(one) for one in handout.people],
    }
    template = (files("connector.handouts") / "slips.typ").read_bytes()
    # Values travel beside the template, as data: a name with '#' or '*' in it is never markup.
    return typst.compile(
        template, sys_inputs={"content": json.dumps(content)}, ignore_system_fonts=True, pdf_tags=False
    )


def _texts(one: Credentials) -> list[str]:
    told = not one.commune or one.commune.casefold() in one.workplace.casefold()
    place = one.workplace if told else f"{one.workplace} - {one.commune}"
    return [one.full_name, place, one.username, one.password]
