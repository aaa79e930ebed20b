"""Use case: changed phone numbers. Pairs that may be one person wait here until an operator has decided."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.family import all_programmes, programmes_on
from connector.jobs.people import under_policy
from connector.language import _
from connector.model import Kind, Registration, RegistrationState, mask_phone
from connector.programmes.definition import Programme
from connector.store.decisions import Rename, RenameState
from connector.store.store import Transaction
from connector.sync.mapping import AccountMapper
from connector.sync.renames import RenamePair, is_namesake, rename_pairs

DECIDED = (RenameState.ACCEPTED, RenameState.REFUSED, RenameState.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renames:
    """The open pairs of a programme, sure ones first, and what has been decided on its site, oldest first."""

    open: tuple[RenamePair, ...]
    decided: tuple[Rename, ...]


def list_renames(ctx: Context, programme_key: str | None = None) -> Renames:
    """All pairs of the programme. Reads the database only."""
    programme = ctx.programme(programme_key)
    with ctx.store.begin() as tx:
        decided = tx.decisions.renames(programme.site, RenameState)
    return Renames(open=tuple(open_pairs(ctx, programme)), decided=tuple(decided))


def open_pairs(ctx: Context, programme: Programme) -> list[RenamePair]:
    """The pairs of this programme that nobody has decided about. Reads the database only.

    Somebody has gone when no list of the programme names him any more (or he left another programme of the site) and
    his account is ours; who is to get an account and has none is new.
    """
    mapper = AccountMapper(ctx.settings.site(programme.site).accounts)
    # Whole, for a number that is listed for another site is still somebody's.
    family = [ctx.whole_programme(one.key) for one in programmes_on(ctx, programme.site)]
    with ctx.store.begin() as tx:
        decided = tx.decisions.renames(programme.site, DECIDED)
        left, listed = _left(tx, programme, family)
        gone = _with_account(tx, programme.site, mapper, left)
        fresh = _without_account(tx, programme, mapper, gone)
    taken = {one.old_username for one in decided if one.state is not RenameState.REFUSED}
    taken |= {one.new_username for one in decided if one.state is RenameState.ACCEPTED}
    refused = {(one.old_phone, one.new_phone) for one in decided if one.state is RenameState.REFUSED}
    pairs = rename_pairs(
        [item for item in gone if mapper.username(item.learner) not in taken],
        [item for item in fresh if mapper.username(item.learner) not in taken],
        listed,
    )
    return [pair for pair in pairs if (pair.old.learner.phone, pair.new.learner.phone) not in refused]


def accept_renames(
    ctx: Context, programme_key: str | None, ids: Sequence[str], *, sure: bool = False, by: str = "", reason: str = ""
) -> list[RenamePair]:
    """Decide that these pairs (with `sure` all sure ones) are one person each; the next plan renames their accounts.

    On every site where the old number has an account of ours. Writes the decisions; nothing is sent. Raises ConfigError
    for an unknown pair, for one whose old number another programme still lists, and for a number in two pairs.
    """
    programme = ctx.programme(programme_key)
    pairs = _chosen(open_pairs(ctx, programme), ids, sure=sure)
    _check_unambiguous(pairs)
    _decide(ctx, pairs, RenameState.ACCEPTED, by, reason)
    return pairs


def refuse_renames(
    ctx: Context, programme_key: str | None, ids: Sequence[str], *, by: str = "", reason: str = ""
) -> list[RenamePair]:
    """Decide that these pairs are two people each: the old one leaves, the new one gets an account of his own."""
    programme = ctx.programme(programme_key)
    pairs = _chosen(open_pairs(ctx, programme), ids, sure=False)
    _decide(ctx, pairs, RenameState.REFUSED, by, reason)
    return pairs


def reopen_renames(ctx: Context, programme_key: str | None, ids: Sequence[str]) -> list[Rename]:
    """Take back decisions that were not carried out yet: the pairs wait again. Writes the decisions only.

    Raises ConfigError for a pair that is not decided, and for one whose new name has been sent already.
    """
    site = ctx.programme(programme_key).site
    with ctx.store.begin() as tx:
        known = {pair_id(one): one for one in tx.decisions.renames(site, (RenameState.ACCEPTED, RenameState.REFUSED))}
        missing = [wanted for wanted in ids if wanted not in known]
        if missing:
            raise _unknown(missing[0])
        sent = {change.renames for change in tx.journal.unsettled(site) if change.renames}
        for wanted in ids:
            one = known[wanted]
            if (one.old_username, one.new_username) in sent:
                raise ConfigError(
                    _("The new name of pair {id} has been sent already and its outcome is not known.").format(
                        id=wanted
                    ),
                    hint=_("Run 'connector plan' and apply it first."),
                )
            tx.decisions.decide_rename(replace(one, state=RenameState.UNDONE))
    return [known[wanted] for wanted in ids]


def pair_id(one: Rename) -> str:
    """The id under which the pair was shown before it was decided."""
    return RenamePair.id_of(one.old_phone, one.new_phone)


def state_words() -> dict[RenameState, str]:
    """What people read for each state of a pair."""
    return {
        RenameState.ACCEPTED: _("accepted, not renamed yet"),
        RenameState.REFUSED: _("two people"),
        RenameState.DONE: _("renamed"),
        RenameState.UNDONE: _("open again"),
    }


def _left(
    tx: Transaction, programme: Programme, family: Sequence[Programme]
) -> tuple[list[Registration], dict[str, str]]:
    """Who has left this programme, or another one and stands on no list; and by phone a programme that lists him."""
    own = {item.learner.phone: item for item in tx.registrations.in_state(programme.key, RegistrationState.LEFT)}
    others = [item for one in family for item in tx.registrations.in_state(one.key, RegistrationState.LEFT)]
    left = {item.learner.phone: item for item in others} | own
    listed = {
        phone: one.key
        for one in family
        for phone, item in tx.registrations.of_phones(one.key, left).items()
        if under_policy(one, item).is_listed
    }
    return [item for phone, item in left.items() if phone in own or phone not in listed], listed


def _accounts(tx: Transaction, site: str, usernames: Iterable[str]) -> set[str]:
    rows = tx.ledger.owned(site, provinces=(), usernames=usernames)
    return {row.key[-1] for row in rows if row.kind is Kind.ACCOUNT}


def _with_account(
    tx: Transaction, site: str, mapper: AccountMapper, people: Sequence[Registration]
) -> list[Registration]:
    ours = _accounts(tx, site, {mapper.username(item.learner) for item in people})
    return [item for item in people if mapper.username(item.learner) in ours]


def _without_account(
    tx: Transaction, programme: Programme, mapper: AccountMapper, gone: Sequence[Registration]
) -> list[Registration]:
    """Namesakes of those who have gone, in their provinces, who are to get an account."""
    codes = sorted({item.learner.province_code for item in gone})
    namesake = is_namesake(gone)
    if not gone:
        return []
    found = [
        item
        for item in tx.registrations.of_programme(programme.key, codes)
        if namesake(item) and under_policy(programme, item).takes_part
    ]
    ours = _accounts(tx, programme.site, {mapper.username(item.learner) for item in found})
    return [item for item in found if mapper.username(item.learner) not in ours]


def _chosen(pairs: Sequence[RenamePair], ids: Sequence[str], *, sure: bool) -> list[RenamePair]:
    known = {pair.id: pair for pair in pairs}
    for wanted in ids:
        if wanted not in known:
            raise _unknown(wanted)
    return [pair for pair in pairs if pair.id in ids or (sure and pair.sure)]


def _unknown(wanted: str) -> ConfigError:
    return ConfigError(
        _("There is no such pair: {id}.").format(id=wanted), hint=_("See 'connector renames list' for the pairs.")
    )


def _check_unambiguous(pairs: Sequence[RenamePair]) -> None:
    numbers: set[str] = set()
    for pair in pairs:
        if pair.listed_in:
            raise ConfigError(
                _("The old number of pair {id} still stands on the lists of programme '{programme}'.").format(
                    id=pair.id, programme=pair.listed_in
                ),
                hint=_("Import that programme's mended list first: an account has one number for all programmes."),
            )
        for phone in (pair.old.learner.phone, pair.new.learner.phone):
            if phone in numbers:
                raise ConfigError(
                    _("The number {phone} stands in two of these pairs.").format(phone=mask_phone(phone)),
                    hint=_("Accept one of them."),
                )
            numbers.add(phone)


def _decide(ctx: Context, pairs: Sequence[RenamePair], state: RenameState, by: str, reason: str) -> None:
    with ctx.store.begin() as tx:
        for pair in pairs:
            for one in _on_each_site(ctx, tx, pair):
                tx.decisions.decide_rename(
                    replace(one, state=state, by=by or ctx.caller.who, reason=reason, decided_at=ctx.now())
                )


def _on_each_site(ctx: Context, tx: Transaction, pair: RenamePair) -> Iterator[Rename]:
    programmes = [one for programme in all_programmes(ctx) for one in programme.by_site]
    # A programme may wait for a site that is not configured yet: nobody has an account there.
    for site in sorted({one.site for one in programmes} & ctx.settings.sites.keys()):
        mapper = AccountMapper(ctx.settings.site(site).accounts)
        old, new = mapper.username(pair.old.learner), mapper.username(pair.new.learner)
        if old in _accounts(tx, site, [old]):
            yield Rename(
                site=site,
                old_username=old,
                new_username=new,
                old_phone=pair.old.learner.phone,
                new_phone=pair.new.learner.phone,
                programmes=tuple(one.key for one in programmes if one.site == site),
                state=RenameState.ACCEPTED,
                by="",
                reason="",
                decided_at=ctx.now(),
            )
