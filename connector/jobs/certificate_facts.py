"""What a certificate says of somebody, and the register entries of those who have earned one. Reads only."""

from collections.abc import Iterable, Mapping, Sequence

from connector.certificates.due import Entered, due, enter
from connector.certificates.entry import (
    CertificateFacts,
    RegisterEntry,
)
from connector.context import Context
from connector.jobs.over_sites import Grades, Member, grades_of, members_on
from connector.model import (
    Learner,
    Registration,
    Verdict,
)
from connector.programmes.definition import Programme
from connector.store.store import Transaction

_FEW = 1_000  # so many people's results are asked for one by one; for more, those of everybody at once


class FactsOf:
    """Makes the facts of a paper from programme, roster, verdict and mirrored grades."""

    def __init__(self, programme: Programme, grades: Mapping[str, Grades]) -> None:
        self._programme = programme
        self._grades = grades
        self._topics = {topic.key: topic for topic in programme.topics}

    def __call__(self, verdict: Verdict, learner: Learner) -> CertificateFacts:
        """The facts as they are now."""
        programme, policy = self._programme, self._programme.certificate
        return CertificateFacts(
            full_name=learner.full_name,
            workplace=learner.workplace,
            programme_name=programme.name,
            title=policy.title,
            starts_at=programme.window.starts_at,
            ends_at=programme.window.ends_at,
            hours=policy.hours or self._hours(verdict),
            grade=self._grade(verdict),
            signer=policy.signer,
            decision=policy.decision,
        )

    def _hours(self, verdict: Verdict) -> float | None:
        return sum(self._topics[key].hours or 0 for key in verdict.done if key in self._topics) or None

    def _grade(self, verdict: Verdict) -> float | None:
        counted = {self._topics[key].ref for key in verdict.done if key in self._topics}
        grades = [grade for ref, grade in self._grades.get(verdict.phone, {}).items() if ref in counted]
        return round(sum(grades) / len(grades), 1) if grades else None


def facts_of(tx: Transaction, programme: Programme, members: Sequence[Member]) -> FactsOf:
    """What makes the facts of these people."""
    return FactsOf(programme, dict(grades_of(tx, programme, members, few=_FEW)))


def book_of(programme: Programme) -> str:
    """The book that numbers the programme's certificates: a shared one, or its own."""
    return programme.certificate.book or programme.key


def decide(
    ctx: Context, programme: Programme, registrations: Iterable[Registration]
) -> tuple[Entered, dict[str, RegisterEntry]]:
    """The entries to be made now of these people, and the register as it is. Nothing is written."""
    members = {member.learner.phone: member for member in members_on(ctx, programme, registrations)}
    learners = {phone: member.learner for phone, member in members.items()}
    with ctx.store.begin() as tx:
        register = tx.register.of_programme(programme.key)
        earned = due(tx.verdicts.of_programme(programme.key), register)
        facts = facts_of(tx, programme, [members[one.phone] for one in earned if one.phone in members])
    return enter(earned, learners, facts, book_of(programme), ctx.now()), register
