"""The addresses that are called, exact about their last slash: a missing one turns a POST into a GET (facts, 0)."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

Query = Sequence[tuple[str, str | int]]


class Path(NamedTuple):
    """An address: `name` for counts and logs, without any key in it; `text` as it is sent."""

    name: str
    text: str

    def asking(self, query: Query) -> "Path":
        """The same address with a query; the '+' of course keys becomes %2B."""
        return Path(self.name, f"{self.text}?{urlencode(query)}") if query else self


TOKEN = Path("access_token", "/oauth2/access_token")
ME = Path("me", "/api/user/v1/me")
ACCOUNTS = Path("accounts", "/api/user/v1/accounts")
SEARCH_EMAILS = Path("search_emails", "/api/user/v1/accounts/search_emails")
ENROLLMENT = Path("enrollment", "/api/enrollment/v1/enrollment")
ENROLLMENTS = Path("enrollments", "/api/enrollment/v1/enrollments")
BULK_ENROLL = Path("bulk_enroll", "/api/bulk_enroll/v1/bulk_enroll")


def course(key: str) -> Path:
    """One course."""
    return Path("course", f"/api/courses/v1/courses/{_key(key)}/")


def course_modes(key: str) -> Path:
    """The modes that a course offers."""
    return Path("course_modes", f"/api/course_modes/v1/courses/{_key(key)}/")


def cohort_settings(key: str) -> Path:
    """Whether a course has cohorts at all."""
    return Path("cohort_settings", f"/api/cohorts/v1/settings/{_key(key)}")


def cohorts(key: str) -> Path:
    """The cohorts of a course."""
    return Path("cohorts", f"/api/cohorts/v1/courses/{_key(key)}/cohorts/")


def cohort(key: str, number: int) -> Path:
    """One cohort of a course."""
    return Path("cohort", f"{cohorts(key).text}{number}")


def cohort_users(key: str, cohort: int, username: str = "") -> Path:
    """The members of a cohort, or one of them."""
    return Path("cohort_users", f"{cohorts(key).text}{cohort}/users/{quote(username, safe='')}")


def grades(key: str) -> Path:
    """The course grades of everybody who is enrolled."""
    return Path("grades", f"/api/grades/v1/courses/{_key(key)}/")


def gradebook(key: str) -> Path:
    """The grades of each subsection of everybody who is enrolled."""
    return Path("gradebook", f"/api/grades/v1/gradebook/{_key(key)}/")


def grading_info(key: str) -> Path:
    """Cutoffs and graded subsections of a course."""
    return Path("grading_info", f"{gradebook(key).text}grading-info")


BLOCKS = Path("blocks", "/api/courses/v2/blocks/")


def certificate(username: str, key: str) -> Path:
    """One person's certificate in a course."""
    return Path("certificate", f"/api/certificates/v0/certificates/{quote(username, safe='')}/courses/{_key(key)}/")


def issued(key: str) -> Path:
    """Who has a certificate of a course; instructor API v2, later than Teak."""
    return Path("certificates_issued", f"/api/instructor/v2/courses/{_key(key)}/certificates/issued")


def instructor(key: str, action: str) -> Path:
    """An action of the instructor API; `action` with its slash where it has one."""
    return Path(action.strip("/"), f"/courses/{_key(key)}/instructor/api/{action}")


def _key(course_key: str) -> str:
    return quote(course_key, safe=":+@")
