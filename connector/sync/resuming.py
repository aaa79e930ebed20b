"""What is left of a plan whose run was broken off: exactly the rest, or nothing when the world has moved otherwise.

The rest is found by two ways that must agree: what the journal holds as not done, and what a plan made now still needs.
A change that was sent and never answered may have arrived: then the new plan says so (`adopted`), and only our ledger
is brought up to date. What was refused is tried again, if it is still needed.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from connector.errors import UnsafePlanError
from connector.language import _
from connector.model import Kind
from connector.sync.change import Action, Change
from connector.sync.codec import meaning
from connector.sync.plan import Plan
from connector.sync.state import Key

Place = tuple[Kind, Key]


def check_rest(planned: Iterable[Change], sent: Iterable[Change], refused: Iterable[Change], fresh: Plan) -> None:
    """Pass if the fresh plan is what the run has left: its changes not tried, of open outcome, and refused.

    Nothing is written. Raises UnsafePlanError, with counts, when the fresh plan needs anything else, or no longer needs
    what the run still has to do.
    """
    untried, opened, again = _by_place(planned), _by_place(sent), _by_place(refused)
    tried = opened | again
    needed = _by_place(fresh.changes)
    others = needed.keys() - untried.keys() - tried.keys()
    gone = (untried.keys() | opened.keys()) - needed.keys()
    altered = [place for place, change in needed.items() if place in untried and not _same(change, untried[place])]
    altered += [place for place, change in needed.items() if place in tried and change.after != tried[place].after]
    if others or gone or altered:
        raise _moved(others, gone, altered)


def _by_place(changes: Iterable[Change]) -> dict[Place, Change]:
    return {(change.kind, change.key): change for change in changes}


def _same(needed: Change, planned: Change) -> bool:
    # Where one can be in one place only, whoever was added to the new one has left the old one already (Open edX).
    left = (
        needed.action is Action.REMOVE and needed.adopted and replace(planned, adopted=True, consequence="") == needed
    )
    return left or (needed.adopted == planned.adopted and meaning(needed) == meaning(planned))


def _moved(others: Collection[Place], gone: Collection[Place], altered: Collection[Place]) -> UnsafePlanError:
    return UnsafePlanError(
        _(
            "The world has moved since the run was broken off: {others} changes are needed that it did not plan, "
            "{gone} of its own are not needed any more, {altered} have other values."
        ).format(others=len(others), gone=len(gone), altered=len(altered)),
        hint=_("Make a new plan, look at it, and apply that: it holds all that is still to be done."),
    )
