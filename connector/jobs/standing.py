"""What stands between the lists and a plan: operators' decisions, pairs that wait, and what other programmes say."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.context import Context
from connector.jobs.family import programmes_on
from connector.jobs.people import under_policy
from connector.jobs.renames import open_pairs
from connector.language import _
from connector.model import Kind, Learner, Registration
from connector.programmes.definition import Programme
from connector.programmes.together import fought_over
from connector.store.decisions import RenameState
from connector.sync.change import Change
from connector.sync.decisions import Decisions, HandDecisions, by_item
from connector.sync.mapping import AccountMapper

Enrolled = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that bears on a plan beside lists and platform.

    `renames`: accepted and still to be made, old username to new; one whose new name is another's old one waits for
    that. `waiting`: usernames of undecided pairs. `fought`: by course and username the other programme that enrols the
    same person there with other dates. `latest`: by phone what a later import of another programme says of the person.
    """

    by_hand: HandDecisions
    renames: Mapping[str, str]
    waiting: frozenset[str]
    fought: Mapping[Enrolled, str]
    latest: Mapping[str, Learner]

    def of_shard(self, usernames: Collection[str]) -> Decisions:
        """The decisions that bear on a shard with these people."""
        here = {old: new for old, new in self.renames.items() if new in usernames and new not in self.renames}
        followed = {
            (kind, (*key[:-1], here[key[-1]])): fields
            for (kind, key), fields in self.by_hand.items()
            if key[-1] in here
        }
        return Decisions(by_hand={**self.by_hand, **followed}, renames=here)

    def elsewhere(self, usernames: Collection[str]) -> set[str]:
        """Old usernames that are to be renamed, but not by a shard with these people: they stay as they are."""
        return self.renames.keys() - self.of_shard(usernames).renames.keys()

    def agreed(self, registrations: Sequence[Registration]) -> Sequence[Registration]:
        """The registrations with what was imported last of each person, in whichever programme of the site.

        Programmes that share a platform share its accounts: without one answer each plan would undo the other's.
        """
        if not self.latest:
            return registrations
        return [replace(one, learner=self.latest.get(one.learner.phone, one.learner)) for one in registrations]

    def reason_to_wait(self, change: Change) -> str:
        """Why a change waits for a person; '' when it does not."""
        if change.username in self.waiting:
            return _(
                "It may be one person with a new phone number: see 'connector renames list', then accept or refuse "
                "the pair."
            )
        other = self.fought.get((change.key[0], change.username)) if change.kind is Kind.ENROLMENT else None
        if other is None:
            return ""
        return _(
            "The person stands in programme '{other}' too, which enrols in the same course {course} with other dates: "
            "give both the same dates, or take the person off one list."
        ).format(other=other, course=change.key[0])

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the reader of the plan should know of this, a sentence each, without names."""
        if not self.latest:
            return ()
        words = _("{count} people are described otherwise by a later list of another programme: that one counts.")
        return (words.format(count=len(self.latest)),)


def standing_of(ctx: Context, programme: Programme) -> Standing:
    """All that bears on a plan of this programme. Reads the database only."""
    username = AccountMapper(ctx.settings.site(programme.site).accounts).username
    others = [one for one in programmes_on(ctx, programme.site) if one.key != programme.key]
    with ctx.store.begin() as tx:
        by_hand = by_item(tx.decisions.by_hand(programme.site))
        accepted = tx.decisions.renames(programme.site, (RenameState.ACCEPTED,))
        latest = tx.registrations.later_elsewhere(programme.key, [one.key for one in others]) if others else {}
        fought = {
            (course, username(mine.learner)): other.key
            for other in others
            if (courses := fought_over(programme, other))
            for mine, theirs in tx.registrations.in_both(programme.key, other.key)
            if under_policy(programme, mine).takes_part and under_policy(other, theirs).takes_part
            for course in courses
        }
    names = {one.old_username: one.new_username for one in accepted}
    chained = {name for pair in names.items() if pair[1] in names for name in pair}
    pairs = open_pairs(ctx, programme)
    return Standing(
        by_hand=by_hand,
        renames=names,
        waiting=frozenset(username(one.learner) for pair in pairs for one in (pair.old, pair.new)) | chained,
        fought=fought,
        latest=latest,
    )
