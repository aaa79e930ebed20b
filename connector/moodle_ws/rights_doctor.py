"""May the account write? Each question is a write that Moodle must refuse: the code of the refusal tells the right.

Nothing is ever written: the rights are asked for first, then something in the question cannot be (an empty list, a role
or a kind of category that does not exist, the front page). Source: the order of checks in user/externallib.php,
cohort/externallib.php, enrol/manual/externallib.php, lib/completionlib.php of 4.5; tried on a real one with a role that
lacked each right in turn.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from connector.errors import AccessDenied, RequestRefused
from connector.language import _
from connector.lms import Finding, Needs
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.gates import OVERRIDE
from connector.moodle_ws.ids import Ids
from connector.wire.findings import bad, costly, good

Check = Callable[[], Finding]
CREATE, UPDATE = "core_user_create_users", "core_user_update_users"
COHORTS, ENROL = "core_cohort_update_cohorts", "enrol_manual_enrol_users"
PROBED = frozenset({CREATE, UPDATE, COHORTS, ENROL, OVERRIDE})
_NO_ROLE, _NO_STATE, _FRONT_PAGE = 0, 9, 1
_NOT_ASSIGNABLE = "wsusercannotassign"


@dataclass(frozen=True, slots=True)
class Rights:
    """Asks for the rights that the programme's writes need. `student_role` is the role that learners get."""

    ws: MoodleWs
    ids: Ids
    student_role: int

    def checks(self, needs: Needs) -> Iterator[tuple[str, Check]]:
        """What to look at: (subject, check). What the service does not hold is told elsewhere, and left out here."""
        for function, right in ((CREATE, "moodle/user:create"), (UPDATE, "moodle/user:update")):
            if self.ws.offers(function):
                yield _right(right), partial(self._told, right, function, {"users": []})
        if self.ws.offers(COHORTS):
            yield _right("moodle/cohort:manage"), self._cohorts
        if needs.enrols and self.ws.offers(ENROL):
            for course in needs.courses:
                yield _right("enrol/manual:enrol", course), partial(self._enrols, course)
            yield _("Role of learners"), self._assigns
        if needs.gate is not None and needs.gate.switch and self.ws.offers(OVERRIDE):
            yield (
                _right("moodle/course:overridecompletion"),
                partial(self._overrides, needs.gate.course, needs.gate.switch),
            )

    def _told(self, right: str, function: str, question: Mapping[str, Any], course: str = "") -> Finding:
        subject = _right(right, course)
        refusal = self._refusal(function, question)
        if refusal in ("", "invalidparameter", "err_system", _NOT_ASSIGNABLE):
            return good(subject, _("The account has it."))
        return bad(subject, _("The account lacks it ({code}).").format(code=refusal), _granted(right))

    def _refusal(self, function: str, question: Mapping[str, Any]) -> str:
        """The code with which Moodle refuses this write, '' where there was nothing to be refused."""
        try:
            self.ws.call(function, question, writes=True)
        except AccessDenied as denied:
            return denied.code
        except RequestRefused as refused:
            return refused.code
        return ""

    def _cohorts(self) -> Finding:
        """A cohort is asked into a kind of category that no site has, which is looked at after the right."""
        right = "moodle/cohort:manage"
        cohorts = self.ids.cohort_rows()
        if not cohorts:
            return costly(
                _right(right), _("Cannot be told while the site has no cohort with an ID number."), _granted(right)
            )
        same = {name: cohorts[0][name] for name in ("id", "name", "idnumber")}
        nowhere = {"categorytype": {"type": "none", "value": ""}}
        return self._told(right, COHORTS, {"cohorts": [same | nowhere]})

    def _enrols(self, course: str) -> Finding:
        """A role that no site has is refused after the right to enrol in this course was looked at."""
        return self._told("enrol/manual:enrol", ENROL, self._oneself(self.ids.course(course), _NO_ROLE), course)

    def _oneself(self, course: int, role: int) -> dict[str, Any]:
        return {"enrolments": [{"roleid": role, "userid": int(self.ws.site.user_id), "courseid": course}]}

    def _assigns(self) -> Finding:
        """The front page has no manual enrolment, so nobody is ever enrolled there; the role is looked at before."""
        subject = _("Role of learners")
        refusal = self._refusal(ENROL, self._oneself(_FRONT_PAGE, self.student_role))
        if refusal == "wsnoinstance":
            return good(subject, _("The account may assign it."))
        remedy = _(
            "An administrator gives the account moodle/role:assign, and ticks the learners' role for the account's "
            "role under 'Define roles > Allow role assignments'."
        )
        if refusal == _NOT_ASSIGNABLE:
            return bad(
                subject, _("The account may not assign role number {role}.").format(role=self.student_role), remedy
            )
        return costly(
            subject, _("Cannot be told: the account has no right to enrol outside of its category or course."), remedy
        )

    def _overrides(self, course: str, activity: str) -> Finding:
        """A state that no completion has is refused after the right was looked at."""
        question = {
            "userid": int(self.ws.site.user_id),
            "cmid": self.ids.activity(course, activity).cmid,
            "newstate": _NO_STATE,
        }
        return self._told("moodle/course:overridecompletion", OVERRIDE, question)


def _right(right: str, course: str = "") -> str:
    return _("Right {right}").format(right=f"{right}, {course}" if course else right)


def _granted(right: str) -> str:
    return _("An administrator gives it to the account's role: {right}.").format(right=right)
