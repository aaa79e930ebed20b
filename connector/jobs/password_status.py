"""Use case: how far first passwords have come, by province; and the journal of hand-outs."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from itertools import groupby

from connector.context import Context
from connector.jobs.hand_out import LeftOut, reasons_to_leave_out
from connector.jobs.people import people_of
from connector.jobs.registered import Stage, registered_people
from connector.mappers.roster import phone_of_text
from connector.store.handouts import GivenOut


class Count(StrEnum):
    """What is counted; one person may be in several."""

    ACCOUNTS = "accounts"
    KEPT = "kept"
    HANDED_OUT = "handed_out"
    TO_HAND_OUT = "to_hand_out"
    REISSUED = "reissued"
    REISSUE_OPEN = "reissue_open"
    DESTROYED = "destroyed"
    NEVER_LOGGED_IN = "never_logged_in"


def password_status(
    ctx: Context, programme_key: str | None = None, provinces: Sequence[str] = ()
) -> dict[str, Counter[Count]]:
    """The counts by province code. `TO_HAND_OUT`: stored, not handed out since it was made, and never logged in.

    Reads the database only; who has logged in is what the mirror knows. Raises ConfigError for an unknown province.
    """
    programme = ctx.programme(programme_key)
    people = registered_people(ctx, programme.key, provinces, (Stage.PROVISIONED, Stage.INFORMED))
    username_of = people_of(ctx, programme, provinces).username_of
    with ctx.store.begin() as tx:
        reissued = tx.passwords.reissued(programme.site)
        seen = tx.mirror.accounts(programme.site)
        counts = {}
        for code, group in groupby(people, key=lambda one: one.registration.learner.province_code):
            names = [username_of[one.registration.learner.phone] for one in group]
            stored = tx.passwords.stored(programme.site, names)
            why = reasons_to_leave_out(tx, programme.site, names, seen)
            counts[code] = Counter(
                {
                    Count.ACCOUNTS: len(names),
                    Count.KEPT: sum(one.sealed is not None for one in stored.values()),
                    Count.HANDED_OUT: len(tx.handouts.last(programme.site, names)),
                    Count.TO_HAND_OUT: sum(reason is None for reason in why.values()),
                    Count.REISSUED: len(reissued.intersection(names)),
                    Count.REISSUE_OPEN: sum(reason is LeftOut.REISSUE_OPEN for reason in why.values()),
                    Count.DESTROYED: sum(one.destroyed_at is not None for one in stored.values()),
                    Count.NEVER_LOGGED_IN: sum(seen.get(name) is None for name in names),
                }
            )
    return counts


def handouts_made(ctx: Context, programme_key: str | None = None, phone: str | None = None) -> list[GivenOut]:
    """The programme's hand-outs (those that reached the person of this number, if given), oldest first. Reads only."""
    programme = ctx.programme(programme_key)
    username = None
    if phone is not None:
        wanted = phone_of_text(phone)
        username = people_of(ctx, programme).username_of.get(wanted, wanted)
    with ctx.store.begin() as tx:
        return tx.handouts.of_programme(programme.key, username)
