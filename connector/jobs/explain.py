"""Use case: one person's story, from the roster cell to the certificate, each line with its source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from connector.certificates.entry import (
    CertificateEvent,
    RegisterEntry,
)
from connector.certificates.states import state_names
from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.acts import record_act
from connector.jobs.family import all_programmes
from connector.jobs.freshness import event_words, status_of
from connector.jobs.people import under_policy
from connector.jobs.renames import state_words
from connector.language import _
from connector.lms import Outcome
from connector.mappers.roster import notice_text, phone_of_text
from connector.model import (
    Kind,
    Learner,
    Registration,
    RegistrationState,
    TopicResult,
    Verdict,
    mask_phone,
)
from connector.places import province_by_code
from connector.programmes.definition import Programme
from connector.programmes.describe import describe
from connector.programmes.rule import depths
from connector.store.acts import DataAct
from connector.store.decisions import Rename, RenameState
from connector.store.journal_lines import SENT, SUPERSEDED, JournalLine
from connector.store.mirror_events import Event
from connector.store.store import Transaction
from connector.sync.change import Action
from connector.sync.decisions import Choice, HandDecision
from connector.sync.mapping import AccountMapper
from connector.sync.words import kind_word


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One step of the road, with what is known of the person there."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One person's road, in the order of the steps."""

    phone: str
    chapters: tuple[Chapter, ...]


def person_story(ctx: Context, phone_text: str, programme_key: str | None = None) -> Story:
    """The story of the person with this phone number, however it is written.

    The look-up is written into the log of acts; otherwise the database is only read.

    Without a programme in all in which he stands, the default one first. Raises ConfigError when the number is none, or
    nobody has it.
    """
    phone = phone_of_text(phone_text)
    record_act(ctx, DataAct.LOOKED_UP, phone=phone)
    programmes = _programmes_of(ctx, phone, programme_key)
    chapters = [
        Chapter(title=f"{programme.short_name}: {title}" if len(programmes) > 1 else title, lines=tuple(lines))
        for programme in programmes
        for title, lines in _chapters(ctx, programme, phone)
    ]
    return Story(phone=phone, chapters=tuple(chapters))


def _programmes_of(ctx: Context, phone: str, key: str | None) -> list[Programme]:
    first = ctx.programme(key)
    others = [] if key else [one for one in all_programmes(ctx) if one.key != first.key]
    with ctx.store.begin() as tx:
        found = [one for one in (first, *others) if tx.registrations.of_phones(one.key, [phone])]
    if not found:
        raise ConfigError(
            _("Nobody of the programme '{key}' has this number.").format(key=first.key),
            hint=_("Look it up in the roster, or name another programme with --programme."),
        )
    return found


def _chapters(ctx: Context, programme: Programme, phone: str) -> Iterator[tuple[str, list[str]]]:
    told = _Told(programme)
    with ctx.store.begin() as tx:
        registration = tx.registrations.of_phones(programme.key, [phone])[phone]
        rows = tx.registrations.rows_in_force(programme.key, [phone]).get(phone, [])
        yield _("Roster"), list(told.roster(registration, rows))
        for here in programme.by_site:
            found = list(_site_chapters(ctx, tx, here, registration.learner))
            if len(programme.by_site) > 1:
                found = [(f"{title} ({here.site})", lines) for title, lines in found]
            yield from found
        yield _("Verdict"), list(told.verdict(tx.verdicts.of_phone(programme.key, phone)))
        entry, events = tx.register.of_phone(programme.key, phone), tx.register.history(programme.key, phone)
        yield _("Certificate"), list(told.certificate(entry, events))


def _site_chapters(ctx: Context, tx: Transaction, here: Programme, learner: Learner) -> Iterator[tuple[str, list[str]]]:
    """What was decided and sent on one site and what it says; nothing of a site that has never known the person."""
    told = _Told(here)
    username = AccountMapper(ctx.settings.site(here.site).accounts).username(learner)
    renames = [one for one in tx.decisions.renames_of(learner.phone) if one.site == here.site]
    # What was sent under a former number is history of the same account.
    former = [one.old_username for one in renames if one.new_username == username and one.state is RenameState.DONE]
    history = [line for name in (*former, username) for line in tx.journal.history(here.site, name)]
    by_hand = tx.decisions.by_hand(here.site, username)
    accounts = tx.mirror.accounts(here.site, username)
    if not here.serves(learner.province_code) and not (renames or by_hand or history or accounts):
        return
    if renames or by_hand:
        yield _("Decisions"), list(told.decisions(renames, by_hand))
    yield _("Changes on the platform"), list(told.changes(history))
    yield (
        _("What the platform says"),
        [
            status_of(ctx, here).line,
            *told.platform(accounts, username, tx.mirror.results_of(here.site, username)),
            *told.history(tx.events.of_usernames(here.site, [username])),
        ],
    )


class _Told:
    """The lines of each chapter."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._zone = programme.window.starts_at.tzinfo or ZoneInfo("Asia/Ho_Chi_Minh")

    def roster(self, registration: Registration, rows: list[Learner]) -> Iterator[str]:
        learner = registration.learner
        yield _("{name}, {position}, {workplace}, {province}; state: {state}").format(
            name=learner.full_name,
            position=learner.position or "-",
            workplace=learner.workplace or "-",
            province=province_by_code(learner.province_code).name,
            state=_states()[under_policy(self._programme, registration).state],
        )
        if learner.registered_at:
            late = _(" (late)") if self._programme.is_late(learner.registered_at) else ""
            yield _("registered himself {when}{late}").format(when=self._time(learner.registered_at), late=late)
        for field, origin in registration.sources:
            yield _("{field} comes from {origin}").format(field=_fields()[field], origin=origin)
        for row in rows:
            yield f"{row.origin}: {row.full_name}"
            for notice in row.notices:
                yield f"  {notice_text(notice)}"
        if not rows:
            yield _("no roster in force names this number any more; last seen in {origin}").format(
                origin=learner.origin
            )

    def decisions(self, renames: Sequence[Rename], by_hand: Sequence[HandDecision]) -> Iterator[str]:
        for pair in renames:
            yield _("{old} became {new}: {state}, {by} {when}: {reason}").format(
                old=mask_phone(pair.old_phone),
                new=mask_phone(pair.new_phone),
                state=state_words()[pair.state],
                by=pair.by,
                when=self._time(pair.done_at or pair.decided_at),
                reason=pair.reason,
            )
        for one in by_hand:
            word = _("kept as on the platform") if one.choice is Choice.KEEP else _("ours is sent again")
            yield f"{' '.join([kind_word(one.kind), *one.key[:-1]])} {one.field}: {word}, {one.words}"

    def changes(self, lines: list[JournalLine]) -> Iterator[str]:
        for line in lines:
            yield _("{when}: {change}: {outcome} (run {run})").format(
                when=self._time(line.settled_at or line.sent_at),
                change=" ".join(filter(None, (_changes()[line.kind, line.action], line.container))),
                outcome=_outcomes()[line.state] + (f", {line.message or line.code}" if line.code else ""),
                run=line.run_id,
            )
        if not lines:
            yield _("nothing has been sent for this person")

    def platform(
        self, accounts: dict[str, datetime | None], username: str, results: list[TopicResult]
    ) -> Iterator[str]:
        if username not in accounts:
            yield _("no account has been seen in the mirror")
            return
        last = accounts[username]
        yield _("last log-in: {when}").format(when=self._time(last) if last else _("never"))
        names = {topic.ref: f"{topic.key} {topic.name}" for topic in self._programme.topics}
        for result in sorted(results, key=lambda result: names.get(result.ref, "")):
            if result.ref in names:
                yield self._result(names[result.ref], result)

    def _result(self, name: str, result: TopicResult) -> str:
        state = _("done {when}").format(when=self._time(result.completed_at)) if result.done else _("not passed")
        grade = "" if result.grade is None else _(", grade {grade:.0f} %").format(grade=result.grade)
        by_hand = _(", set by hand on the platform") if result.overridden else ""
        return f"{name}: {state}{grade}{by_hand}"

    def history(self, events: list[Event]) -> Iterator[str]:
        """What was otherwise before, where the mirror has seen it change."""
        names = {str(topic.ref): f"{topic.key} {topic.name}" for topic in self._programme.topics}
        for event in events:
            yield _("seen {when}: {what}: {place}").format(
                when=self._time(event.at),
                what=_event_word(event),
                place=names.get(event.place, event.place) or _("account"),
            )

    def verdict(self, verdict: Verdict | None) -> Iterator[str]:
        if verdict is None:
            yield _("not judged yet; run 'connector evaluate'")
            return
        if verdict.passed:
            yield _("completed on {when}").format(when=self._time(verdict.completed_at))
        else:
            yield _("not completed")
        depth = depths(self._programme.rule)
        for reason in verdict.reasons:
            yield "  " * depth.get(reason.rule, 0) + describe(reason, self._programme.part_titles, self._zone)
        yield _("rule version {rule}, facts {facts}").format(rule=verdict.rule_version, facts=verdict.facts_hash)

    def certificate(self, entry: RegisterEntry | None, history: list[CertificateEvent]) -> Iterator[str]:
        if entry is None:
            yield _("none")
            return
        yield _("decided {when}").format(when=self._time(entry.decided_at))
        if entry.granted_at:
            yield _("released on the platform {when}").format(when=self._time(entry.granted_at)) + self._where(entry)
        if entry.issued_at:
            yield _("issued {when}: register number {number}, code {serial}").format(
                when=self._time(entry.issued_at), number=entry.register_no, serial=entry.serial
            )
        for event in history:
            yield _("{when}: {state} by {who}: {reason}").format(
                when=self._time(event.at), state=state_names()[event.event], who=event.by, reason=event.reason or "-"
            )

    def _where(self, entry: RegisterEntry) -> str:
        return f" ({entry.site})" if self._programme.sites else ""

    def _time(self, moment: datetime | None) -> str:
        return f"{moment.astimezone(self._zone):%H:%M %d/%m/%Y}" if moment else "-"


def _event_word(event: Event) -> str:
    """What happened. Outside of its dates an enrolment reads as suspended, and Moodle does not tell the two apart."""
    if event.part == "enrolments" and event.what == "suspended":
        return _("no longer active (suspended, or its time is over)")
    return event_words()[event.what]


def _states() -> dict[str, str]:
    return {
        RegistrationState.REGISTERED: _("registered himself, awaits a department's list"),
        RegistrationState.CONFIRMED: _("confirmed by a department's list"),
        RegistrationState.CONFLICT: _("in conflict: two names claim this number"),
        RegistrationState.LEFT: _("has left"),
    }


def _fields() -> dict[str, str]:
    return {
        "workplace": _("the workplace"),
        "position": _("the position"),
        "commune_code": _("the commune"),
    }


def _changes() -> dict[tuple[str, str], str]:
    return {
        (Kind.ACCOUNT, Action.CREATE): _("account made"),
        (Kind.ACCOUNT, Action.UPDATE): _("account changed"),
        (Kind.MEMBERSHIP, Action.CREATE): _("put into cohort"),
        (Kind.MEMBERSHIP, Action.UPDATE): _("recorded in cohort"),
        (Kind.MEMBERSHIP, Action.REMOVE): _("taken out of cohort"),
        (Kind.ENROLMENT, Action.CREATE): _("enrolled in course"),
        (Kind.ENROLMENT, Action.UPDATE): _("enrolment changed in course"),
        (Kind.GROUP_MEMBERSHIP, Action.CREATE): _("put into the group of the course"),
        (Kind.GROUP_MEMBERSHIP, Action.UPDATE): _("recorded in the group of the course"),
        (Kind.GROUP_MEMBERSHIP, Action.REMOVE): _("taken out of the group of the course"),
    }


def _outcomes() -> dict[str, str]:
    return {
        Outcome.DONE: _("done"),
        Outcome.ALREADY: _("was so already"),
        Outcome.REFUSED: _("refused"),
        SENT: _("sent, outcome not known yet"),
        SUPERSEDED: _("taken up by a later change"),
    }
