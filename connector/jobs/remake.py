"""A plan made anew, in the way it was made, to see whether the world has moved since."""

from collections.abc import Sequence

from connector.context import Context
from connector.errors import BrokenData
from connector.jobs.plan import make_plan
from connector.jobs.undo import RECIPE as UNDO
from connector.jobs.undo import undo_by_recipe
from connector.language import _
from connector.sync.plan import Plan


def remake(ctx: Context, programme: str, provinces: Sequence[str], recipe: Sequence[str]) -> Plan:
    """The plan of this programme, provinces and recipe as it would be now. Reads; nothing is written.

    Raises BrokenData for a recipe that this connector does not know.
    """
    if not recipe:
        return make_plan(ctx, programme, provinces)
    if recipe[0] == UNDO:
        return undo_by_recipe(ctx, recipe)
    raise BrokenData(
        _("This plan was made in a way that this connector does not know: {recipe}.").format(recipe=" ".join(recipe)),
        hint=_("Make a new plan and apply that."),
    )
