"""A plan made anew, in the way it was made, to see whether the world has moved since."""

from collections.abc import Mapping
from typing import Any

from connector.context import Context
from connector.errors import BrokenData
from connector.jobs.plan import make_plan
from connector.jobs.undo import RECIPE as UNDO
from connector.jobs.undo import undo_by_recipe
from connector.language import _
from connector.sync.plan import Plan


def remake(ctx: Context, programme: str, terms: Mapping[str, Any]) -> Plan:
    """The plan of this programme under these terms (`planfile.terms_of`) as it would be now. Nothing is written.

    Raises BrokenData for a recipe that this connector does not know.
    """
    recipe, override = terms["recipe"], terms.get("override")
    if not recipe:
        reason = override[1] if override else ""
        return make_plan(ctx, programme, terms["provinces"], by=terms.get("author", ""), override=reason)
    if recipe[0] == UNDO:
        return undo_by_recipe(ctx, recipe)
    raise BrokenData(
        _("This plan was made in a way that this connector does not know: {recipe}.").format(recipe=" ".join(recipe)),
        hint=_("Make a new plan and apply that."),
    )
