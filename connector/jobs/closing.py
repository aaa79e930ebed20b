"""Use case: the plan that closes a person's account on the platform, before what we hold of him is erased."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.approve import under_conditions
from connector.jobs.family import programmes_on
from connector.jobs.person import erasable, owned_by
from connector.language import _
from connector.model import Kind
from connector.sync.closing import draw_closing, still_open
from connector.sync.guards import hold_what_cannot_be_done
from connector.sync.plan import Plan
from connector.sync.state import OwnedItem

RECIPE = "close"


def make_closing(ctx: Context, phone_text: str, site: str | None = None, *, by: str = "") -> Plan:
    """The plan that suspends the person's account and enrolments and ends his memberships. Nothing is written.

    It is applied like any other plan; `by` is its author. Raises ConfigError as erasing does, and where the ledger
    says that nothing of the person on this site is ours.
    """
    with ctx.store.begin() as tx:
        owned = owned_by(ctx, tx, erasable(ctx, tx, phone_text))
    site = site or _only_site(ctx, owned)
    return _plan(ctx, site, owned.get(site, []), by)


def _only_site(ctx: Context, owned: Mapping[str, Sequence[OwnedItem]]) -> str:
    """The site on which the person's account is to be closed. Raises ConfigError where several are open."""
    opened = [site for site, rows in owned.items() if still_open(rows)]
    if len(opened) > 1:
        raise ConfigError(
            _("The person has an open account on several sites: {sites}.").format(sites=", ".join(opened)),
            hint=_("Name one of them with --site; each has a plan of its own."),
        )
    return next(iter([*opened, *owned, *ctx.settings.sites]))


def closing_by_recipe(ctx: Context, recipe: Sequence[str], *, by: str = "") -> Plan:
    """The plan of a recipe that `make_closing` gave (site, the account's number there). Nothing is written."""
    _name, site, number = recipe
    with ctx.store.begin() as tx:
        owned = tx.ledger.of_account(site, number)
    return _plan(ctx, site, owned, by)


def _plan(ctx: Context, site: str, owned: Sequence[OwnedItem], by: str) -> Plan:
    number = next((row.remote_id for row in owned if row.kind is Kind.ACCOUNT), "")
    if not number:
        raise ConfigError(
            _("There is no account of ours on the site '{site}' for this person.").format(site=site),
            hint=_("Nothing need be closed there: 'connector person erase PHONE --yes' erases what is held here."),
        )
    lms = ctx.lms(site)
    plan = draw_closing(owned, programmes_on(ctx, site)[0].key, lms, ctx.now())
    plan = hold_what_cannot_be_done(plan, lms.capabilities)
    # The number, not the name: the recipe stays in the history of runs when the person is erased.
    return under_conditions(ctx, replace(plan, recipe=(RECIPE, site, number)), by)
