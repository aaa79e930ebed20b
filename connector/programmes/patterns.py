"""Texts with braces in a programme file: which names may stand in them, and what is wrong with a pattern."""

import string
from collections.abc import Sequence

from connector.language import _
from connector.programmes.wording import nearest


def names_in(pattern: str) -> list[str]:
    """The names in the braces of a pattern. Raises ValueError when it is no pattern."""
    return [name for _text, name, _spec, _conversion in string.Formatter().parse(pattern) if name is not None]


def pattern_problem(pattern: str, known: Sequence[str]) -> str | None:
    """What is wrong with a pattern whose braces may hold only these names; None when it is good."""
    try:
        names = names_in(pattern)
    except ValueError as error:
        return _("'{pattern}' is no pattern: {why}").format(pattern=pattern, why=error)
    strange = sorted(set(names) - set(known))
    if strange:
        return _("'{name}' cannot stand in braces here. {hint}").format(
            name=strange[0], hint=nearest(strange[0], sorted(known))
        )
    return None
