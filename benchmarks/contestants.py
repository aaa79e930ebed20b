"""Three clients at the same five tasks: the connector, pymoodle and edutools-moodle, the two peers the plain way.

A task is a generator: the first value comes when all is done that is done once, each further one after one more person
of a loop that goes person by person. So a loop of 38,000 requests can be measured on some people and counted up.

What "plain" means, a careful reader of the peer's own documentation being at work:

* pymoodle has a method for each function of Moodle and hands lists on, so lists are sent, 100 items in a request;
  where Moodle takes one person at a time (completion), there is one request for each.
* edutools-moodle has functions of its own for one person at a time, and these are used: `users.create_user` (which
  asks first for the name and for the address), `groups.enroll_user_in_cohort` (which lists all cohorts first),
  `users.get_users_by_field`, `courses.get_enrolled_users`. It has none for completion or members: its generic
  `call_api` is used as its functions use it.

Each client knows usernames and ID numbers only, and looks numbers up itself. People in reading tasks come from the
course's own list. The peers read completion alone; the connector reads the grades as well, journals what it writes
and makes a plan first: that is counted too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from edutools_moodle import MoodleAPI
from moodle.session import MoodleClient

from connector.context import Context
from connector.jobs.demo import SITE
from connector.jobs.first_passwords import new_password, prepare_passwords
from connector.jobs.plan import make_plan
from connector.jobs.rosters import import_rosters
from connector.jobs.sandbox import RunningSandbox
from connector.model import Account, Kind
from connector.settings import Passwords
from connector.store.journal import StoreJournal
from connector.sync.apply import apply_plan
from connector.sync.plan import Plan

CHUNK = 100
TIMEOUT = 120  # seconds; httpx alone would give up after 5, before the list of 2,000 people is there
ACTIVITIES, COURSES = "bkhcn-2025-k1", "bkhcn-2025-k1-courses"
COURSE = "bkhcn-2025-01"
TOPICS = "Chuyên đề"  # how the names of the 19 activities begin
TOPIC_COURSES = tuple(f"cd-{number:02d}" for number in range(1, 20))
DONE = (1, 2)  # completion states: complete, complete with a passing grade

Item = TypeVar("Item")
Task = Iterator[int]


class Contestant(Protocol):
    """One client. `people` are the accounts in question; completions are counted of those in `watched` only."""

    def create_users(self, people: Sequence[Account]) -> Task:
        """Accounts with first passwords; values: accounts made."""
        ...

    def fill_cohort(self, cohort: str) -> Task:
        """A new cohort with the accounts just made as members; values: members added."""
        ...

    def read_activities(self, watched: Sequence[str]) -> Task:
        """State and time of 19 activities of one course, for everybody in it; values: completions of the watched."""
        ...

    def read_courses(self, watched: Sequence[str]) -> Task:
        """State and time of 19 courses, for everybody in them; values: completions of the watched."""
        ...

    def second_run(self, people: Sequence[Account], cohort: str) -> Task:
        """Accounts, members and enrolments compared with what is wanted; values: differences found."""
        ...


class Connector:
    """The connector's own road: plan, journal, ledger, bulk reads. Whom it is about stands in its own database."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._plan: Plan | None = None

    def register(self, rosters: Sequence[Path]) -> None:
        """Take the people in; no request."""
        import_rosters(self._ctx, ACTIVITIES, rosters)

    def create_users(self, people: Sequence[Account]) -> Task:  # noqa: ARG002 - see above
        self._plan = make_plan(self._ctx, ACTIVITIES)
        yield self._apply(self._plan, Kind.ACCOUNT)

    def fill_cohort(self, cohort: str) -> Task:  # noqa: ARG002 - the programme names it
        if self._plan is None:
            raise AssertionError("the plan is made with the accounts")
        yield self._apply(self._plan, Kind.COHORT, Kind.MEMBERSHIP) - 1  # the cohort itself is made as well

    def _apply(self, plan: Plan, *kinds: Kind) -> int:
        """The changes of these kinds made, journaled and settled; how many."""
        part = replace(plan, changes=tuple(change for change in plan.changes if change.kind in kinds))
        journal = StoreJournal(self._ctx.store, site=plan.site, programme=plan.programme, now=self._ctx.now)
        lms = self._ctx.lms(SITE)
        outcome = apply_plan(part, lms, journal, lambda accounts: prepare_passwords(self._ctx, SITE, accounts))
        return outcome.done

    def read_activities(self, watched: Sequence[str]) -> Task:
        yield self._read(ACTIVITIES, set(watched))

    def read_courses(self, watched: Sequence[str]) -> Task:
        yield self._read(COURSES, set(watched))

    def _read(self, programme: str, watched: set[str]) -> int:
        lms = self._ctx.lms(SITE)
        refs = self._ctx.programme(programme).refs
        usernames = sorted({seen.username for seen in lms.enrolments(refs[0].course)})
        results = lms.topic_results(refs, usernames)
        return sum(result.done for result in results if result.username in watched)

    def second_run(self, people: Sequence[Account], cohort: str) -> Task:  # noqa: ARG002 - see above
        yield len(make_plan(self._ctx, ACTIVITIES).changes)


class Pymoodle:
    """pymoodle: one method for each function, lists of 100."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        token = sandbox.token_file.read_text(encoding="utf-8").strip()
        self._moodle = MoodleClient(sandbox.url, token, timeout=TIMEOUT)
        self._made: list[int] = []

    def create_users(self, people: Sequence[Account]) -> Task:
        for part in _parts(people):
            users: Any = [as_user(account) for account in part]
            self._made += [int(row["id"] or 0) for row in self._moodle.core_user_create_users(users=users)]
        yield len(self._made)

    def fill_cohort(self, cohort: str) -> Task:
        self._moodle.core_cohort_create_cohorts(cohorts=[_new_cohort(cohort)])
        added = 0
        for part in _parts(self._made):
            members: Any = [
                {"cohorttype": {"type": "idnumber", "value": cohort}, "usertype": {"type": "id", "value": str(number)}}
                for number in part
            ]
            answer = self._moodle.core_cohort_add_cohort_members(members=members)
            added += len(part) - len(answer.get("warnings", ()))
        yield added

    def read_activities(self, watched: Sequence[str]) -> Task:
        course = self._course(COURSE)
        cmids = topic_modules(self._moodle.core_course_get_contents(courseid=course))
        numbers = self._enrolled(course)
        yield 0
        for name in watched:
            ask = self._moodle.core_completion_get_activities_completion_status
            yield completed(ask(courseid=course, userid=numbers[name])["statuses"], cmids)

    def read_courses(self, watched: Sequence[str]) -> Task:
        courses = [self._course(idnumber) for idnumber in TOPIC_COURSES]
        numbers = self._enrolled(courses[0])
        yield 0
        for name in watched:
            ask = self._moodle.core_completion_get_course_completion_status
            answers = [ask(courseid=course, userid=numbers[name]) for course in courses]
            yield sum(bool(answer["completionstatus"]["completed"]) for answer in answers)

    def second_run(self, people: Sequence[Account], cohort: str) -> Task:
        seen: list[Any] = []
        for part in _parts(people):
            names = [account.username for account in part]
            seen += self._moodle.core_user_get_users_by_field(field="username", values=names)
        cohorts = self._moodle.core_cohort_get_cohorts()
        number = next(int(row["id"] or 0) for row in cohorts if row["idnumber"] == cohort)
        answer = self._moodle.core_cohort_get_cohort_members(cohortids=[number])
        members = {int(one or 0) for one in answer[0]["userids"]}
        enrolled = self._enrolled(self._course(COURSE))
        yield differences(people, seen, members, set(enrolled.values()))

    def _course(self, idnumber: str) -> int:
        answer = self._moodle.core_course_get_courses_by_field(field="idnumber", value=idnumber)
        return int(answer["courses"][0]["id"] or 0)

    def _enrolled(self, course: int) -> dict[str, int]:
        return {
            str(row["username"]): int(row["id"] or 0)
            for row in self._moodle.core_enrol_get_enrolled_users(courseid=course)
        }


class Edutools:
    """edutools-moodle: its own functions, and `call_api` where it has none."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        token = sandbox.token_file.read_text(encoding="utf-8").strip()
        self._moodle = MoodleAPI(sandbox.url, token, timeout=TIMEOUT)
        self._made: list[int] = []

    def create_users(self, people: Sequence[Account]) -> Task:
        """It takes no ID number, no workplace, no profile fields, and sets no forced change of the password."""
        yield 0
        for one in people:
            create = self._moodle.users.create_user
            made = create(one.username, new_password(Passwords()), one.firstname, one.lastname, one.email, country="VN")
            self._made += [] if made is None else [made]
            yield int(made is not None)

    def fill_cohort(self, cohort: str) -> Task:
        kind = {"cohorts[0][categorytype][type]": "system", "cohorts[0][categorytype][value]": ""}
        named = {"cohorts[0][name]": cohort, "cohorts[0][idnumber]": cohort}
        self._moodle.groups.call_api("core_cohort_create_cohorts", kind | named)
        yield 0
        for number in self._made:
            yield int(self._moodle.groups.enroll_user_in_cohort(number, cohort))  # found by its name

    def read_activities(self, watched: Sequence[str]) -> Task:
        course = self._course(COURSE)
        cmids = topic_modules(self._moodle.courses.get_course_contents(course))
        numbers = self._enrolled(course)
        yield 0
        for name in watched:
            asked = {"courseid": course, "userid": numbers[name]}
            answer = self._moodle.courses.call_api("core_completion_get_activities_completion_status", asked)
            yield completed(answer["statuses"], cmids)

    def read_courses(self, watched: Sequence[str]) -> Task:
        courses = [self._course(idnumber) for idnumber in TOPIC_COURSES]
        numbers = self._enrolled(courses[0])
        yield 0
        for name in watched:
            yield sum(self._completed(course, numbers[name]) for course in courses)

    def _completed(self, course: int, number: int) -> bool:
        asked = {"courseid": course, "userid": number}
        answer = self._moodle.courses.call_api("core_completion_get_course_completion_status", asked)
        return bool(answer["completionstatus"]["completed"])

    def second_run(self, people: Sequence[Account], cohort: str) -> Task:
        rows = self._moodle.groups.call_api("core_cohort_get_cohorts")
        number = next(row["id"] for row in rows if row["idnumber"] == cohort)
        answer = self._moodle.groups.call_api("core_cohort_get_cohort_members", {"cohortids[0]": number})
        members = set(answer[0]["userids"])
        enrolled = set(self._enrolled(self._course(COURSE)).values())
        yield 0
        for one in people:
            seen = self._moodle.users.get_users_by_field("username", one.username)
            yield differences([one], seen, members, enrolled)

    def _course(self, idnumber: str) -> int:
        return int(self._moodle.courses.get_course_by_field("idnumber", idnumber)[0]["id"])

    def _enrolled(self, course: int) -> dict[str, int]:
        return {str(row["username"]): int(row["id"]) for row in self._moodle.courses.get_enrolled_users(course)}


def _new_cohort(idnumber: str) -> Any:
    return {"categorytype": {"type": "system", "value": ""}, "name": idnumber, "idnumber": idnumber}


def as_user(account: Account) -> dict[str, Any]:
    """The account in the web service's own shape, with every field that the connector sends as well."""
    return {
        "username": account.username,
        "password": new_password(Passwords()),
        "firstname": account.firstname,
        "lastname": account.lastname,
        "email": account.email,
        "idnumber": account.idnumber,
        "auth": account.auth,
        **dict(account.fields),
        "customfields": [{"type": name, "value": value} for name, value in account.profile],
        "preferences": [{"type": "auth_forcepasswordchange", "value": "1"}],
    }


def topic_modules(sections: Sequence[Mapping[str, Any]]) -> set[int]:
    """The course module ids of the topics in the contents of a course, found by their names."""
    modules = [module for section in sections for module in section["modules"]]
    return {int(module["id"]) for module in modules if str(module["name"]).startswith(TOPICS)}


def completed(statuses: Sequence[Mapping[str, Any]], cmids: set[int]) -> int:
    """How many of these activities are complete."""
    return sum(row["state"] in DONE for row in statuses if row["cmid"] in cmids)


def differences(
    people: Sequence[Account], seen: Sequence[Mapping[str, Any]], members: set[int], enrolled: set[int]
) -> int:
    """How many of the people are not on the platform as they should be."""
    found = {row["username"]: row for row in seen}
    return sum(not _as_wanted(account, found.get(account.username), members, enrolled) for account in people)


def _as_wanted(account: Account, row: Mapping[str, Any] | None, members: set[int], enrolled: set[int]) -> bool:
    if row is None or row["id"] not in members or row["id"] not in enrolled:
        return False
    names = ("firstname", "lastname", "email", "idnumber")
    return all(row.get(name, "") == getattr(account, name) for name in names)


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
