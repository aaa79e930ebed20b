"""Use case: new first passwords for people who never logged in and whose first password this database does not have.

So it is after a database was restored: the accounts that were made since have a password that nobody can tell any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.acts import record_act
from connector.jobs.approve import check_no_freeze
from connector.jobs.fence import check_fence, leave_mark
from connector.jobs.first_passwords import WITH_PASSWORD, new_password
from connector.jobs.people import people_of
from connector.jobs.sealing import open_vault
from connector.language import _
from connector.lms import Capability, ItemResult, NewPassword, Outcome
from connector.model import Account, Kind
from connector.store.acts import DataAct

_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """How many have a new password stored, to be handed out; who was refused; of how many the outcome is not known."""

    done: int
    refused: tuple[ItemResult, ...]
    unknown: int


def without_password(ctx: Context, programme_key: str | None = None, provinces: Sequence[str] = ()) -> list[str]:
    """The usernames of those who are to get a new one: with an account of ours that has a password on the site, none of
    it stored here, and never logged in as far as the mirror knows. Reads the database only.
    """
    programme = ctx.programme(programme_key)
    people = people_of(ctx, programme, provinces)
    names = {people.username_of[one.learner.phone] for one in people.registrations if one.takes_part}
    with ctx.store.begin() as tx:
        owned = tx.ledger.owned(programme.site, provinces=(), usernames=names)
        ours = {
            row.key[-1] for row in owned if row.kind is Kind.ACCOUNT and cast("Account", row.item).auth in WITH_PASSWORD
        }
        stored = tx.passwords.stored(programme.site, ours)
        seen = tx.mirror.accounts(programme.site)
    return sorted(name for name in ours if name not in stored and name in seen and seen[name] is None)


def renew_passwords(
    ctx: Context, programme_key: str | None = None, provinces: Sequence[str] = (), *, by: str
) -> Renewed:
    """Set new first passwords for `without_password`, stored sealed before they are sent; slips made before are void.

    Run again after a lost answer: the same password is sent once more. Raises ConfigError where the platform lets
    nobody set passwords, UnsafePlanError in a freeze and where database and site do not belong together.
    """
    programme = ctx.programme(programme_key)
    check_no_freeze(ctx, programme.site)
    check_fence(ctx, programme.site)
    if Capability.PASSWORDS not in ctx.lms(programme.site).capabilities:
        raise ConfigError(_("The platform of the site '{site}' lets nobody set passwords.").format(site=programme.site))
    names = without_password(ctx, programme_key, provinces)
    if not names:
        return Renewed(done=0, refused=(), unknown=0)
    record_act(ctx, DataAct.REISSUED_ACCESS, what=_("{count} people").format(count=len(names)), by=by)
    leave_mark(ctx, programme.site)
    results: list[ItemResult] = []
    for start in range(0, len(names), _AT_ONCE):
        ctx.safe_point()
        results += _renew(ctx, programme.site, names[start : start + _AT_ONCE], by)
    return Renewed(
        done=sum(result.ok for result in results),
        refused=tuple(result for result in results if result.outcome is Outcome.REFUSED),
        unknown=sum(result.outcome is Outcome.UNKNOWN for result in results),
    )


def _renew(ctx: Context, site: str, names: Sequence[str], by: str) -> list[ItemResult]:
    vault = open_vault(ctx)
    numbers: dict[str, int] = {}
    passwords: dict[str, str] = {}
    with ctx.store.begin() as tx:
        pending = tx.passwords.open_reissues(site, names)
        for name in names:
            if name in pending:
                numbers[name], passwords[name] = pending[name].id, vault.open(site, pending[name].sealed)
                continue
            passwords[name] = new_password(ctx.settings.passwords)
            sealed = vault.seal(site, name, passwords[name])
            numbers[name] = tx.passwords.begin_reissue(site, name, sealed, by, ctx.now())
    results = ctx.lms(site).set_passwords([NewPassword(username=name, password=passwords[name]) for name in names])
    with ctx.store.begin() as tx:
        for result in results:
            if result.outcome is not Outcome.UNKNOWN:
                number = numbers[result.key[0]]
                tx.passwords.settle_reissue(number, taken=result.ok, code=result.code, now=ctx.now())
    return results
