"""Use case: this database and this site belong together, or nothing is written until a person has settled it.

The decision is connector/sync/fence.py's; the mark stands on the platform, where a restored database finds it.
"""

from dataclasses import dataclass

from connector.context import Context
from connector.errors import ConfigError, UnsafePlanError
from connector.jobs.lease import only_one
from connector.language import _
from connector.lms import LmsClient
from connector.store.fences import Binding
from connector.sync.fence import Bond, Standing, mark_of, standing_of

_LOOKS = 10  # at a site to which others are writing their marks at this moment
_WAIT = 30  # seconds for another process that is leaving its mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """How this database and a site stand to each other. `theirs` is the number of the mark there, 0 without one of
    ours; `ours` the highest that this database knows; `binding` is None before the first mark.
    """

    site: str
    standing: Standing
    address: str
    ours: int
    theirs: int
    binding: Binding | None

    @property
    def in_order(self) -> bool:
        """True when writing may begin."""
        return self.standing in (Standing.NEW, Standing.IN_ORDER)

    @property
    def words(self) -> str:
        """What it means, for people."""
        return _words(self)

    @property
    def advice(self) -> str:
        """What to do now; '' when all is well."""
        return _advice(self)


def look_at_fence(ctx: Context, site: str) -> Fence:
    """How they stand now. Reads the platform (one request); nothing is written to it.

    Where another process leaves a mark meanwhile, both are read again: one of them alone would look set back.
    """
    lms = ctx.lms(site)
    bond, binding = _kept(ctx, site)
    for _attempt in range(_LOOKS):
        address, texts = lms.address(), lms.marks()
        before, (bond, binding) = bond, _kept(ctx, site)
        if bond == before:
            break
    numbers = [mark.number for mark in map(mark_of, texts) if mark is not None]
    return Fence(
        site=site,
        standing=standing_of(bond, address, texts),
        address=address,
        ours=bond.last_number,
        theirs=max(numbers, default=0),
        binding=binding,
    )


def _kept(ctx: Context, site: str) -> tuple[Bond, Binding | None]:
    with ctx.store.begin() as tx:
        return tx.fences.bond(site), tx.fences.binding(site)


def check_fence(ctx: Context, site: str) -> Fence:
    """Pass where this database may write to the site. Reads only.

    Raises UnsafePlanError, in words, where one of the two was set back, copied or exchanged.
    """
    fence = look_at_fence(ctx, site)
    if not fence.in_order:
        raise UnsafePlanError(fence.words, hint=fence.advice)
    return fence


def check_address(ctx: Context, site: str) -> None:
    """Pass where the site is the one that this database was bound to. Raises UnsafePlanError; reads only."""
    _bond, binding = _kept(ctx, site)
    if binding is not None and binding.address != ctx.lms(site).address():
        check_fence(ctx, site)


def leave_mark(ctx: Context, site: str) -> bool:
    """Leave a new mark before the first write of a run. Writes to the platform; whether the site lets us.

    Raises UnsafePlanError as `check_fence` does.
    """
    for _second in range(_WAIT):
        with only_one(ctx, f"mark:{site}") as mine:
            if mine:
                fence = check_fence(ctx, site)
                return _leave(ctx, fence, reason=_("first mark"))
        ctx.wait(1.0)
    raise UnsafePlanError(
        _("Another process is about to write to the site '{site}'.").format(site=site),
        hint=_("Run this again when it has begun."),
    )


def accept_fence(ctx: Context, site: str, *, by: str, reason: str) -> Fence:
    """Write who says that this database and the site belong together as they are, and leave a new mark there.

    Gives the standing that was accepted. Raises ConfigError where there is nothing to accept, and where this database
    is the older one: what it has lost is recovered first (`connector recover`).
    """
    fence = look_at_fence(ctx, site)
    if fence.in_order:
        raise ConfigError(_("There is nothing to settle on the site '{site}'.").format(site=site))
    if fence.standing is Standing.OLDER_DATABASE:
        raise ConfigError(fence.words, hint=fence.advice)
    bind_again(ctx, fence, by=by, reason=reason)
    return fence


def bind_again(ctx: Context, fence: Fence, *, by: str, reason: str) -> None:
    """Bind the site as it is now, with a mark above all that stand there. Writes to the platform."""
    with ctx.store.begin() as tx:
        tx.fences.bind(fence.site, _binding(ctx, fence, by, reason))
    _leave(ctx, fence, reason=reason)


def _leave(ctx: Context, fence: Fence, *, reason: str) -> bool:
    lms: LmsClient = ctx.lms(fence.site)
    with ctx.store.begin() as tx:
        if fence.standing is Standing.NEW and fence.binding is None:
            tx.fences.bind(fence.site, _binding(ctx, fence, ctx.caller.who, reason))
        mark = tx.fences.announce(fence.site, max(fence.ours, fence.theirs) + 1, ctx.now())
    result = lms.leave_mark(mark.text)
    if result.ok:
        with ctx.store.begin() as tx:
            tx.fences.confirm(fence.site, mark)
    return result.ok


def _binding(ctx: Context, fence: Fence, by: str, reason: str) -> Binding:
    return Binding(address=fence.address, bound_at=ctx.now(), bound_by=by, reason=reason)


def _words(fence: Fence) -> str:
    bound = fence.binding.address if fence.binding else ""
    words = {
        Standing.NEW: _("The site '{site}' bears no mark of a connector yet; the first run that writes leaves one."),
        Standing.IN_ORDER: _("The site '{site}' bears the mark of this database's run {ours}."),
        Standing.OTHER_SITE: _("The site '{site}' is now {address}; this database was bound to {bound}."),
        Standing.OTHER_INSTALLATION: _("The site '{site}' bears the mark of another database (run {theirs})."),
        Standing.OLDER_DATABASE: _(
            "This database is older than what was done on the site '{site}': run {theirs} has left its mark there, "
            "and the database knows runs up to {ours} only, or another one."
        ),
        Standing.SITE_SET_BACK: _(
            "The site '{site}' was set back: it bears the mark of run {theirs}, and run {ours} has written since."
        ),
        Standing.MARK_GONE: _("The mark of run {ours} is gone from the site '{site}'."),
    }
    told = words[fence.standing]
    return told.format(site=fence.site, ours=fence.ours, theirs=fence.theirs, address=fence.address, bound=bound)


def _advice(fence: Fence) -> str:
    accept = _("'connector site accept {site} --by NAME --reason TEXT'").format(site=fence.site)
    words = {
        Standing.OTHER_SITE: _(
            "If this is a copy of the site, give it a database of its own. If the site has moved, say so with {accept}."
        ),
        Standing.OTHER_INSTALLATION: _(
            "Two databases must not serve one site: stop the other one. If this one is to go on, say so with {accept}."
        ),
        Standing.OLDER_DATABASE: _(
            "It was restored from a copy, or a copy of it has written. Put the newest database back, or bring this one "
            "up to date with 'connector recover'. Nothing is written until then."
        ),
        Standing.SITE_SET_BACK: _(
            "Its administrators restored it from a backup. Run 'connector mirror --full' and see 'connector cases' for "
            "what it has lost, then {accept}; the next plan makes again what is missing."
        ),
        Standing.MARK_GONE: _(
            "Somebody has deleted the cohort or changed its name, or the site was restored from an old backup. See "
            "'connector mirror --full' and 'connector cases' for what it has lost, then {accept}."
        ),
    }
    return words.get(fence.standing, "").format(accept=accept)
