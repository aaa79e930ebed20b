"""Use case: one person gets a new first password, because the old one is lost, wrong or already destroyed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from connector.context import Context
from connector.errors import ConfigError
from connector.handouts.handout import Credentials, Handout
from connector.jobs.acts import record_act
from connector.jobs.approve import check_no_freeze
from connector.jobs.fence import check_fence
from connector.jobs.first_passwords import WITH_PASSWORD, alphabet_of, new_password
from connector.jobs.hand_out import Delivery, Form, HandedFile, credentials_of, handout_of, note_handout, write_handout
from connector.jobs.people import at_home, people_of
from connector.jobs.sealing import open_vault
from connector.language import _
from connector.lms import Capability, ItemResult, NewPassword, Outcome
from connector.mappers.roster import phone_of_text
from connector.model import Account, Kind, Learner, mask_phone
from connector.programmes.definition import Programme
from connector.store.acts import DataAct

Person = tuple[Learner, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reissued:
    """What became of it. `handout` (shown on the screen) or `file` when it is done, neither otherwise."""

    result: ItemResult
    handout: Handout | None = None
    file: HandedFile | None = None


def reissue(ctx: Context, phone: str, delivery: Delivery, programme_key: str | None = None) -> Reissued:
    """Set a new first password for the person of this phone number; it must be changed at the next log-in.

    It is stored sealed before it is sent. If an earlier reissue of his had no answer, the same password is sent again:
    nobody can read a password back, but setting it twice is setting it once. Then it is handed over and
    journaled. Raises ConfigError: nobody in the programme, no account of ours, an account that signs in elsewhere.
    Raises UnsafePlanError in a freeze.
    """
    programme = at_home(ctx, ctx.programme(programme_key), phone_of_text(phone))
    check_no_freeze(ctx, programme.site)
    check_fence(ctx, programme.site)
    learner, username = _person(ctx, programme, phone)
    _check_ours(ctx, programme, learner, username)
    # The texts are read first: a missing one must not be found out after the password has changed.
    handout_of(ctx, programme, learner.province_code, ())
    record_act(ctx, DataAct.REISSUED_ACCESS, phone=learner.phone, by=delivery.by)
    number, password = _stored_first(ctx, programme.site, username, delivery.by)
    result = ctx.lms(programme.site).set_passwords([NewPassword(username=username, password=password)])[0]
    if result.outcome is Outcome.UNKNOWN:
        return Reissued(result=result)
    with ctx.store.begin() as tx:
        tx.passwords.settle_reissue(number, taken=result.ok, code=result.code, now=ctx.now())
    if not result.ok:
        return Reissued(result=result)
    people = [(learner, credentials_of(learner, username, password))]
    return _handed(ctx, programme, people, result, delivery)


def _person(ctx: Context, programme: Programme, phone: str) -> Person:
    wanted = phone_of_text(phone)
    people = people_of(ctx, programme)
    for item in people.registrations:
        if item.learner.phone == wanted and item.takes_part:
            return item.learner, people.username_of[wanted]
    raise ConfigError(
        _("Nobody with the number {phone} takes part in the programme '{programme}'.").format(
            phone=mask_phone(wanted), programme=programme.key
        ),
        hint=_("'connector roster list' shows who does; another programme is named by --programme."),
    )


def _check_ours(ctx: Context, programme: Programme, learner: Learner, username: str) -> None:
    with ctx.store.begin() as tx:
        owned = [item for item in tx.ledger.of_username(programme.site, username) if item.kind is Kind.ACCOUNT]
    if not owned:
        raise ConfigError(
            _("{phone} has no account that is ours on the site '{site}'.").format(
                phone=mask_phone(learner.phone), site=programme.site
            ),
            hint=_("'connector plan' and 'connector apply' make accounts; of others' accounts nothing is changed."),
        )
    if cast("Account", owned[0].item).auth not in WITH_PASSWORD:
        raise ConfigError(
            _("The account of {phone} has no password on the site: it signs in by '{auth}'.").format(
                phone=mask_phone(learner.phone), auth=cast("Account", owned[0].item).auth
            ),
            hint=_("Whoever runs that sign-in gives new passwords."),
        )
    if Capability.PASSWORDS not in ctx.lms(programme.site).capabilities:
        raise ConfigError(_("The platform of the site '{site}' lets nobody set passwords.").format(site=programme.site))


def _stored_first(ctx: Context, site: str, username: str, by: str) -> tuple[int, str]:
    """The number of the reissue and its password: that of the open one if it still fits the settings, else a new one.

    One that does not fit any more is closed: it was most likely refused for its weakness (Moodle gives no answer then).
    """
    vault = open_vault(ctx)
    policy = ctx.settings.passwords
    with ctx.store.begin() as tx:
        pending = tx.passwords.open_reissues(site, [username]).get(username)
        if pending is not None:
            password = vault.open(site, pending.sealed)
            if alphabet_of(policy).fits(password):
                return pending.id, password
            tx.passwords.settle_reissue(pending.id, taken=False, code="policy_changed", now=ctx.now())
        password = new_password(policy)
        return tx.passwords.begin_reissue(site, username, vault.seal(site, username, password), by, ctx.now()), password


def _handed(
    ctx: Context,
    programme: Programme,
    people: Sequence[tuple[Learner, Credentials]],
    result: ItemResult,
    delivery: Delivery,
) -> Reissued:
    if delivery.form is not Form.SCREEN:
        return Reissued(result=result, file=write_handout(ctx, programme, people, delivery))
    note_handout(ctx, programme, people, delivery)
    learner, credentials = people[0]
    return Reissued(result=result, handout=handout_of(ctx, programme, learner.province_code, [credentials]))
