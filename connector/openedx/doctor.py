"""`connector doctor` for Open edX: what the account may, which features the site offers, and the traps of its courses.

Reads only. Whether automated sign-ups are on cannot be asked without signing somebody up, so an empty file is sent,
which makes nobody (reference/openedx-facts.md sections 4, 5, 6, 10 and 11).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from connector.errors import ConnectorError
from connector.language import _
from connector.lms import CertificateGate, Finding, GrantWay, Needs, Severity
from connector.model import TopicRef
from connector.openedx import paths
from connector.openedx.accounts import SignUp
from connector.openedx.certificates import Certificates
from connector.openedx.client import Content, OpenEdx
from connector.openedx.cohorts import Cohorts
from connector.openedx.enrolments import AUDIT, Enrolments
from connector.openedx.people import People
from connector.openedx.results import Results
from connector.wire.findings import bad, costly, good

RECKONED = 1_000  # people for whom a cost is told before any list is read
SAMPLE = 20  # certificates, of which each is a request
Check = Callable[[], Finding]


@dataclass(frozen=True, slots=True)
class Doctor:
    """Looks at one site."""

    site: OpenEdx
    people: People
    cohorts: Cohorts
    enrolments: Enrolments
    results: Results
    certificates: Certificates
    sign_up: SignUp

    def check(self, needs: Needs) -> list[Finding]:
        """One finding for each thing that was looked at; a site that lets nobody in gives one finding."""
        first = _safely(_("Service account"), self._account)
        found = [first]
        if first.severity is Severity.ERROR:
            return found
        return [*found, *(_safely(subject, check) for subject, check in self._checks(needs))]

    def _checks(self, needs: Needs) -> Iterator[tuple[str, Check]]:
        courses = needs.courses
        if courses:
            yield _("New accounts"), partial(self._sign_up, courses[0])
            yield _("Enrolment in bulk"), partial(self._bulk, courses[0])
        for course in courses:
            yield _("Course {course}").format(course=course), partial(self._course, course)
            yield _("Cohorts of {course}").format(course=course), partial(self._cohorts, course)
            yield _("Modes of {course}").format(course=course), partial(self._modes, course)
        if needs.windows:
            yield _("Window"), _window
        for ref in needs.topics:
            yield _("Topic {ref}").format(ref=ref), partial(self._topic, ref)
        if needs.topics:
            yield _("Reading results"), partial(self._reading, needs.topics, needs.people)
        if needs.gate is not None:
            yield _("Certificate"), partial(self._gate, needs.gate, needs.people)
            if needs.gate.way is GrantWay.ALLOWLIST:
                yield _("Grades on certificates"), partial(self._frozen, needs.gate.course)

    def _account(self) -> Finding:
        subject = _("Service account")
        name = self.people.me()
        # Only global staff may search by address; others get 404.
        content = Content.json({"emails": ["nobody@hocvien.invalid"]})
        answer = self.site.ask("POST", paths.SEARCH_EMAILS, content, expected=(HTTPStatus.NOT_FOUND,))
        if answer.ok:
            return good(subject, _("{name} is global staff.").format(name=name))
        return bad(
            subject,
            _("{name} is not global staff.").format(name=name),
            _("Django admin, Users: give the account of the OAuth application 'staff status'."),
        )

    def _sign_up(self, course: str) -> Finding:
        subject = _("New accounts")
        if self.sign_up is SignUp.NONE:
            return good(subject, _("Made elsewhere (sign_up: none); the connector looks them up."))
        path = paths.instructor(course, "register_and_enroll_students")
        content = Content.file("students_list", "students.csv", "")
        if self.site.ask("POST", path, content, expected=(HTTPStatus.FORBIDDEN,)).ok:
            return self._passwords(subject)
        return bad(
            subject,
            _("The site has no automated sign-ups; public registration allows 60 accounts a week, so it is not used."),
            _("The operator sets FEATURES ALLOW_AUTOMATED_SIGNUPS, or set sign_up: none and make them elsewhere."),
        )

    def _passwords(self, subject: str) -> Finding:
        if self.sign_up is SignUp.MAIL:
            return good(subject, _("Made by the CSV sign-up; their owners choose a password by 'forgot password'."))
        return costly(
            subject,
            _("Made by the CSV sign-up, whose passwords nobody is told; 'forgot password' cannot reach .invalid."),
            _("Let people log in by single sign-on, or set sites.<key>.accounts.email to addresses that receive mail."),
        )

    def _bulk(self, course: str) -> Finding:
        subject = _("Enrolment in bulk")
        default = self.enrolments.default_mode(course)
        if not self.enrolments.has_bulk(course):
            slow = _("off")
            remedy = _("The operator sets FEATURES ENABLE_BULK_ENROLLMENT_VIEW.")
        elif default != self.enrolments.mode:
            slow = _("on, but it enrols in the mode {mode}").format(mode=default)
            remedy = _("The operator takes the mode audit out of the courses.")
        else:
            return good(subject, _("On, in the wanted mode."))
        return costly(subject, _("{state}; people are enrolled one by one, 120 a minute.").format(state=slow), remedy)

    def _course(self, course: str) -> Finding:
        subject = _("Course {course}").format(course=course)
        count = len(self.people.students(course, "count"))
        return good(subject, _("{count} people are enrolled.").format(count=count))

    def _cohorts(self, course: str) -> Finding:
        subject = _("Cohorts of {course}").format(course=course)
        if self.cohorts.is_on(course):
            return good(subject, _("Switched on."))
        return bad(
            subject,
            _("Switched off, so no province's cohort can be made."),
            _("The course's staff switches them on: Instructor, Cohorts, 'Enable Cohorts'."),
        )

    def _modes(self, course: str) -> Finding:
        subject = _("Modes of {course}").format(course=course)
        wanted = self.enrolments.mode
        if wanted not in self.enrolments.modes(course):
            return bad(
                subject,
                _("The course does not offer the mode {mode}.").format(mode=wanted),
                _("The operator adds it (Django admin, Course modes), or set sites.<key>.mode to another one."),
            )
        counts = Counter(student.mode for student in self.people.students(course, "modes").values())
        others = sum(count for mode, count in counts.items() if mode != wanted)
        if others:
            return costly(
                subject,
                _("{count} people are enrolled in another mode than {mode}.").format(count=others, mode=wanted),
                _("In the mode audit nobody gets a certificate; the staff can change it (Support, Enrollment)."),
            )
        return good(subject, _("{mode} is offered.").format(mode=wanted))

    def _topic(self, ref: TopicRef) -> Finding:
        seen = self.results.topic(ref)
        return good(_("Topic {ref}").format(ref=ref), seen.name)

    def _reading(self, refs: Sequence[TopicRef], people: int) -> Finding:
        subject = _("Reading results")
        courses = dict.fromkeys(ref.course for ref in refs)
        known = people or max(len(self.people.students(course, "reckoned")) for course in courses)
        pages, each = self.results.cost(refs, known or RECKONED)
        if each:
            cost = _("A full run of the mirror costs {pages} requests, and up to {each} more: one a learner.")
            return costly(
                subject,
                cost.format(pages=pages, each=each) + _reckoned(known),
                _("Sections without grades are read one learner at a time; make topics of graded sections or courses."),
            )
        cost = _("A run of the mirror costs {pages} requests for grades.").format(pages=pages)
        return good(subject, cost + _reckoned(known))

    def _gate(self, gate: CertificateGate, people: int) -> Finding:
        subject = _("Certificate")
        if gate.way is not GrantWay.ALLOWLIST:
            return bad(
                subject,
                _("Open edX releases certificates by the course's allowlist alone."),
                _("Set certificate.grant to allowlist in the programme, or to own_paper."),
            )
        if self.enrolments.mode == AUDIT:
            return bad(subject, _("The mode audit earns no certificate."), _("Set sites.<key>.mode to another one."))
        known = max(people, len(self.people.students(gate.course, "gate")))
        cost = _("Released by the allowlist; reading back costs a request for each released one, at most {count}.")
        return good(subject, cost.format(count=known or RECKONED) + _reckoned(known))

    def _frozen(self, course: str) -> Finding:
        """A certificate keeps the grade of its first issue (facts section 11): some are compared with the grades."""
        subject = _("Grades on certificates")
        names = self.people.students(course, "frozen").keys()
        passed = [one for one in self.results.grades.of_course(TopicRef(course=course), names) if one.done]
        found = [(one.grade, self.certificates.grade(course, one.username)) for one in passed[:SAMPLE]]
        looked = [(now, borne) for now, borne in found if borne is not None]
        old = [borne for now, borne in looked if borne != now]
        if old:
            return costly(
                subject,
                _("{old} of {looked} certificates looked at bear an earlier grade.").format(
                    old=len(old), looked=len(looked)
                ),
                _("The course's staff regenerates certificates (Instructor, Certificates)."),
            )
        return good(subject, _("{looked} certificates looked at bear the grade of now.").format(looked=len(looked)))


def _reckoned(known: int) -> str:
    """What is added to a cost that no list stands behind yet."""
    return "" if known else " " + _("No list has been read: reckoned for {count} people.").format(count=RECKONED)


def _window() -> Finding:
    return costly(
        _("Window"),
        _("Open edX has no dates of one person's enrolment; the course's own dates hold for everybody."),
        _("Set enrolment.limit_to_window: false in the programme, and the dates in the course (Studio)."),
    )


def _safely(subject: str, check: Check) -> Finding:
    try:
        return check()
    except ConnectorError as error:
        return bad(subject, error.message, error.hint)
