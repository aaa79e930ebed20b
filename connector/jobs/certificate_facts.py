"""What a certificate says of somebody, and the register entries of those who have earned one. Reads only."""

from collections.abc import Iterable, Mapping

from connector.certificates.due import Entered, due, enter
from connector.certificates.entry import (
    CertificateFacts,
    RegisterEntry,
)
from connector.context import Context
from connector.jobs.people import People
from connector.model import (
    Learner,
    TopicResult,
    Verdict,
)
from connector.programmes.definition import Programme
from connector.store.store import Transaction

_MANY = 1_000  # for fewer people their results are asked for one by one, for more those of everybody at once


class FactsOf:
    """Makes the facts of a paper from programme, roster, verdict and mirrored grades."""

    def __init__(self, programme: Programme, results: Mapping[str, list[TopicResult]]) -> None:
        self._programme = programme
        self._results = results
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
        results = self._results.get(verdict.phone, ())
        grades = [item.grade for item in results if item.grade is not None and item.ref in counted]
        return round(sum(grades) / len(grades), 1) if grades else None


def facts_of(tx: Transaction, programme: Programme, people: People, phones: Iterable[str]) -> FactsOf:
    """What makes the facts of these people."""
    names = {people.username_of[phone]: phone for phone in phones if phone in people.username_of}
    if len(names) <= _MANY:
        found = {phone: tx.mirror.results_of(programme.site, name) for name, phone in names.items()}
        return FactsOf(programme, found)
    courses = sorted({ref.course for ref in programme.refs})
    results = tx.mirror.results(programme.site, courses)
    return FactsOf(programme, {names[name]: found for name, found in results if name in names})


def book_of(programme: Programme) -> str:
    """The book that numbers the programme's certificates: a shared one, or its own."""
    return programme.certificate.book or programme.key


def decide(ctx: Context, programme: Programme, people: People) -> tuple[Entered, dict[str, RegisterEntry]]:
    """The entries to be made now, and the register as it is. Nothing is written."""
    learners = learners_of(people)
    with ctx.store.begin() as tx:
        register = tx.register.of_programme(programme.key)
        earned = due(tx.verdicts.of_programme(programme.key), register)
        facts = facts_of(tx, programme, people, [verdict.phone for verdict in earned])
    return enter(earned, learners, facts, book_of(programme), ctx.now()), register


def learners_of(people: People) -> dict[str, Learner]:
    """Those who take part, by phone."""
    return {item.learner.phone: item.learner for item in people.registrations if item.takes_part}
