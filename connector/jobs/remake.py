"""A plan made anew, in the way it was made, to see whether the world has moved since."""

from collections.abc import Mapping
from typing import Any

from connector.context import Context
from connector.errors import BrokenData
from connector.jobs.closing import RECIPE as CLOSE
from connector.jobs.closing import closing_by_recipe
from connector.jobs.merge import make_merger
from connector.jobs.plan import make_plan
from connector.jobs.undo import RECIPE as UNDO
from connector.jobs.undo import undo_by_recipe
from connector.language import _
from connector.sync.plan import MERGE, Plan


def remake(ctx: Context, programme: str, terms: Mapping[str, Any]) -> Plan:
    """The plan of this programme under these terms (`planfile.terms_of`) as it would be now. Nothing is written.

    Raises BrokenData for a recipe that this connector does not know.
    """
    recipe, override = terms["recipe"], terms.get("override")
    author, reason = terms.get("author", ""), override[1] if override else ""
    if not recipe:
        return make_plan(ctx, programme, terms["provinces"], by=author, override=reason)
    if recipe[0] == MERGE:
        return make_merger(ctx, programme, recipe[1:], by=author, override=reason)
    if recipe[0] == UNDO:
        return undo_by_recipe(ctx, recipe)
    if recipe[0] == CLOSE:
        return closing_by_recipe(ctx, recipe, by=author)
    raise BrokenData(
        _("This plan was made in a way that this connector does not know: {recipe}.").format(recipe=" ".join(recipe)),
        hint=_("Make a new plan and apply that."),
    )
