"""Can we work with this site? What is looked at, how it stands, and how an administrator mends it. Reads only.

The findings follow reference/moodle-ws-recipes.md sections 0.9 and 0 (rights), and facts 2.2 (look-up blindness).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connector.errors import AccessDenied, ConfigError, RequestRefused, SkipError
from connector.language import _
from connector.lms import Finding, Needs, Severity
from connector.mappers.moodle_reports import HEADERS, REPORT
from connector.model import TopicRef
from connector.moodle_ws.certificates import ISSUES
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.cohorts import MEMBERS
from connector.moodle_ws.course_doctor import course_settings
from connector.moodle_ws.enrolments import ENROLLED
from connector.moodle_ws.functions import Function, Use, wanted
from connector.moodle_ws.gate_doctor import gate_checks
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.releases import lists_issues, no_issue_list, plugin_version, release_finding
from connector.moodle_ws.reports import report_id
from connector.moodle_ws.results import ACTIVITIES, COURSE, GRADES, check_criteria
from connector.moodle_ws.rights_doctor import Rights
from connector.wire.findings import bad, costly, good

STUDENT = 5  # the number of the role on every Moodle whose roles are as installed
LOOKED_AT = 3_000  # so many of a course's newest people are read to see whom it enrols
_GUEST = "guest"  # every Moodle has this account from its installation on

Check = Callable[[], Finding]


@dataclass(slots=True)
class Doctor:
    """Looks at one site for the needs of a programme. `known_username` is the site's own setting."""

    ws: MoodleWs
    ids: Ids
    known_username: str = ""
    student_role: int = STUDENT
    _rows: list[Mapping[str, Any]] = field(default_factory=list)
    _addressed: bool = False
    _enrolled: dict[str, int] = field(default_factory=dict)
    _members: Mapping[str, set[int]] | None = None

    def check(self, needs: Needs) -> list[Finding]:
        """All findings, in the order in which they are mended. Never raises for a missing right.

        Raises PlatformUnavailable and ProtocolError: then there is no site to be looked at.
        """
        try:
            findings = [release_finding(self.ws.site.release, needs.gate)]
        except AccessDenied as denied:
            return [bad(_("Token"), denied.message, denied.hint)]
        findings += _functions(self.ws.site.functions, needs)
        findings += [_finding(subject, check) for subject, check in self._checks(needs)]
        return findings

    def _checks(self, needs: Needs) -> Iterator[tuple[str, Check]]:
        yield _("Look-up of accounts"), partial(self._lookup, needs.known_username or self.known_username)
        yield _("Addresses of accounts"), self._addresses
        yield _("Cohorts"), partial(self._cohorts, needs.cohorts)
        yield from self._course_checks(needs)
        for ref in needs.topics:
            yield _("Topic {topic}").format(topic=ref), partial(self._topic, ref)
        for course in dict.fromkeys(ref.course for ref in needs.topics if ref.activity):
            yield _("Progress in {course}").format(course=course), partial(self._progress, course)
        if needs.gate is not None:
            yield from gate_checks(self.ws, self.ids, needs.gate)
        if any(not ref.activity for ref in needs.topics):
            yield _("Custom report"), self._report
        for name in needs.profile_fields:
            yield _("Profile field {name}").format(name=name), partial(self._profile_field, name)
        yield from Rights(self.ws, self.ids, self.student_role).checks(needs)

    def _course_checks(self, needs: Needs) -> Iterator[tuple[str, Check]]:
        for course in needs.courses:
            yield _("Course {course}").format(course=course), partial(self._course, course)
            subject = _("Settings of {course}").format(course=course)
            yield subject, partial(course_settings, self.ids, subject, course, needs)
            if not needs.enrols:
                subject = _("Cohort enrolment in {course}").format(course=course)
                yield subject, partial(self._cohort_enrolment, subject, course, needs.cohorts)
            if needs.groups:
                yield _("Groups in {course}").format(course=course), partial(self._groups, course)

    def _lookup(self, known: str) -> Finding:
        """The blindness test: without moodle/user:viewalldetails everybody looks absent and would be made again."""
        subject = _("Look-up of accounts")
        if problem := own_name(known, self.ws.site.username):
            return bad(subject, problem, _("Name somebody else there, such as the site's administrator."))
        rows = list(self.ids.rows([known or _GUEST, _GUEST]))
        self._addressed = any(row["username"] == _GUEST and row.get("email") for row in rows)
        self._rows = [row for row in rows if row["username"] == (known or _GUEST)]
        if self._rows:
            return good(subject, _("The account '{name}' is found.").format(name=known or _GUEST))
        detail = _("The account '{name}' is not found by its username.").format(name=known or _GUEST)
        remedy = _(
            "If it exists, the service account lacks moodle/user:viewalldetails; without it everybody looks absent."
        )
        if known:
            return bad(subject, detail, remedy)
        return costly(subject, detail, remedy + " " + _("Set known_username in the configuration to make sure."))

    def _addresses(self) -> Finding:
        """Moodle leaves hidden fields out; the guest, whom every site has, has an address, and it is not our own."""
        subject = _("Addresses of accounts")
        if self._addressed:
            return good(subject, _("They can be read."))
        return costly(
            subject,
            _("E-mail addresses, and perhaps phone numbers, of accounts are hidden; changes by hand cannot be told."),
            _("Give the account moodle/site:viewuseridentity, and choose email and phone2 under 'Show user identity'."),
        )

    def _cohorts(self, wanted: Sequence[str]) -> Finding:
        count = len(self.ids.cohort_rows())
        if double := self.ids.double_cohorts:
            detail = _("Several cohorts share one ID number; the oldest of each is used: {cohorts}.").format(
                cohorts=_some(double)
            )
            remedy = _("An administrator looks who is in the others, and takes the ID number away from them.")
            found = costly if set(double).isdisjoint(wanted) else bad
            return found(_("Cohorts"), detail, remedy)
        return good(_("Cohorts"), _("{count} cohorts with an ID number can be read.").format(count=count))

    def _course(self, course: str) -> Finding:
        """The course is there, its people can be read, and suspended enrolments can be told from active ones."""
        subject = _("Course {course}").format(course=course)
        number = self.ids.course(course)
        for row in self.ws.call(ENROLLED, _one_person(number), writes=False):
            self._enrolled[course] = int(row["id"])
        try:
            self.ws.call(ENROLLED, _one_person(number, onlysuspended="1"), writes=False)
        except AccessDenied:
            return costly(
                subject,
                _("Found, but suspended enrolments cannot be told from active ones."),
                _("Give the account moodle/course:enrolreview in the course."),
            )
        return good(subject, _("Found; enrolled people can be read."))

    def _cohort_enrolment(self, subject: str, course: str, cohorts: Sequence[str]) -> Finding:
        """No web service tells which cohorts a course enrols; whose members are in it is the only sign (facts 14)."""
        members = self._members_of(cohorts)
        options = {"userfields": "id", "limitnumber": str(LOOKED_AT), "sortby": "id", "sortdirection": "DESC"}
        asked = {"courseid": self.ids.course(course), "options": _options(options)}
        page = self.ws.call(ENROLLED, asked, writes=False, items=None)
        inside = {int(row["id"]) for row in page}
        missing = sorted(cohort for cohort, people in members.items() if people and inside.isdisjoint(people))
        if missing and len(page) < LOOKED_AT:
            return bad(
                subject,
                _("Nobody of {count} cohorts that have members is enrolled: {cohorts}.").format(
                    count=len(missing), cohorts=_some(missing)
                ),
                _("A manager of the course adds 'Cohort sync' for each under Participants > Enrolment methods."),
            )
        if missing or not any(members.values()):
            return costly(
                subject,
                _("Cannot be verified for all: cohorts are empty, or the course is too large to be read here."),
                _("See to it that the course has 'Cohort sync' for each province's cohort."),
            )
        return good(subject, _("People of every cohort that has members are enrolled."))

    def _members_of(self, cohorts: Sequence[str]) -> Mapping[str, set[int]]:
        """The numbers of the members of those of these cohorts that are there; read once."""
        if self._members is None:
            numbers = self.ids.cohorts()
            wanted = {numbers[cohort]: cohort for cohort in cohorts if cohort in numbers}
            rows = self.ws.call(MEMBERS, {"cohortids": list(wanted)}, writes=False) if wanted else ()
            self._members = {wanted[int(row["cohortid"])]: set(map(int, row["userids"])) for row in rows}
        return self._members

    def _groups(self, course: str) -> Finding:
        count = len(self.ids.groups(course))
        subject = _("Groups in {course}").format(course=course)
        return good(subject, _("{count} groups with an ID number can be read.").format(count=count))

    def _topic(self, ref: TopicRef) -> Finding:
        subject = _("Topic {topic}").format(topic=ref)
        if not ref.activity:
            self._ask_for_completion(ref.course)
            return good(subject, _("Found as a course."))
        if self.ids.activity(ref.course, ref.activity).completion:
            return good(subject, _("Found, with completion tracking."))
        return bad(
            subject,
            _("Found, but without completion tracking, so nobody can complete it."),
            _("A teacher sets 'Completion tracking' in the activity's settings."),
        )

    def _ask_for_completion(self, course: str) -> None:
        """Raises what stands between us and the completions of the course, as far as one person in it can show."""
        number = self.ids.course(course)
        if course not in self._enrolled:
            return
        try:
            self.ws.call(COURSE, {"courseid": number, "userid": self._enrolled[course]}, writes=False)
        except RequestRefused as refusal:
            check_criteria(course, refusal)

    def _progress(self, course: str) -> Finding:
        """Completions need somebody else than the account itself, who may always see his own; grades do not."""
        subject = _("Progress in {course}").format(course=course)
        number = self.ids.course(course)
        somebody = self._enrolled.get(course)
        try:
            self.ws.call(GRADES, {"courseid": number, "userid": int(self.ws.site.user_id)}, writes=False)
            if somebody is not None:
                self.ws.call(ACTIVITIES, {"courseid": number, "userid": somebody}, writes=False)
        except AccessDenied as denied:
            rights = "report/progress:view, gradereport/user:view, moodle/grade:viewall, moodle/site:accessallgroups"
            return bad(subject, denied.message, _("The account needs {rights} in the course.").format(rights=rights))
        if somebody is None:
            return costly(
                subject,
                _("Grades can be read; completions cannot be verified while nobody is enrolled."),
                _("See to it that the account has report/progress:view."),
            )
        return good(subject, _("Completions and grades can be read."))

    def _report(self) -> Finding:
        if report_id(self.ws) is not None:
            return good(_("Custom report"), _("The report {name} is there.").format(name=REPORT))
        return costly(
            _("Custom report"),
            _("There is no report {name}: course completions are read person by person.").format(name=REPORT),
            _("An administrator makes it from 'Course participants' with the columns {columns}, and shares it.").format(
                columns=", ".join(HEADERS.values())
            ),
        )

    def _profile_field(self, name: str) -> Finding:
        """No web service lists the fields; an account that has a value in it is the only proof."""
        subject = _("Profile field {name}").format(name=name)
        fields = (entry for row in self._rows for entry in row.get("customfields") or ())
        if any(entry["shortname"] == name for entry in fields):
            return good(subject, _("The known account has a value in it."))
        return costly(
            subject,
            _("Cannot be verified from outside; if it is missing, Moodle drops its values without a word."),
            _("Look under Site administration > Users > User profile fields for the short name '{name}'.").format(
                name=name
            ),
        )


def _finding(subject: str, check: Check) -> Finding:
    """The finding of a check; what the site or the programme lacks becomes one instead of stopping the rest."""
    try:
        return check()
    except (AccessDenied, ConfigError, SkipError) as error:
        return bad(subject, error.message, error.hint)


def _functions(offered: Mapping[str, str], needs: Needs) -> list[Finding]:
    """One finding for each function that the token's service lacks, or one that all are there."""
    functions = wanted(needs)
    missing = [function for function in functions if function.name not in offered]
    if not missing:
        return [good(_("Service"), _("All {count} functions are in it.").format(count=len(functions)))]
    return [_missing(function, offered) for function in missing]


def _missing(function: Function, offered: Mapping[str, str]) -> Finding:
    if function.name == ISSUES and (version := plugin_version(offered)) and not lists_issues(version):
        return no_issue_list(function.name, version)
    severity = Severity.WARNING if function.use is Use.HELPS else Severity.ERROR
    return Finding(
        subject=function.name,
        severity=severity,
        detail=_("The function is not in the token's service."),
        remedy=_("An administrator adds it to the service; rights: {rights}.").format(
            rights=", ".join(function.rights) or _("none")
        ),
    )


def _one_person(course: int, **more: str) -> dict[str, Any]:
    options = {"userfields": "id,username", "limitnumber": "1", **more}
    return {"courseid": course, "options": _options(options)}


def _options(options: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in options.items()]


def _some(names: Sequence[str], shown: int = 5) -> str:
    return ", ".join([*names[:shown], *(["..."] if len(names) > shown else [])])


def own_name(known: str, own: str) -> str:
    """What is wrong with the username that is to prove sight, in words: Moodle shows one's own account to the blind."""
    if not known or known.strip().lower() != own.strip().lower():
        return ""
    return _("known_username '{name}' is the connector's own account: it is always found, and proves nothing.").format(
        name=known
    )
