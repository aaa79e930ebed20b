"""What happened on the recorded site between two recorded calls: people studied, operators switched, calls rained."""

from collections.abc import Callable

from connector.sandbox.openedx.allowed import write_enrolment
from connector.sandbox.openedx.certificates import regrade
from connector.sandbox.openedx.content import answer_problem, complete
from connector.sandbox.openedx.registration import activate_user, add_user
from connector.sandbox.openedx.site import EdxSite

_ONE, _TWO = "course-v1:MoH+CPD101+2026", "course-v1:MoH+CPD102+2026"
_COUNTIES = "Mombasa,Kisumu,Garissa,Turkana,Lamu,Kwale,Kilifi,Tana River,Wajir,Mandera"


def _more_cohorts(site: EdxSite) -> None:
    sql = "INSERT INTO cohorts (course, name, assignment_type) VALUES (?, ?, 'manual')"
    for name in _COUNTIES.split(","):
        site.db.execute(sql, (_ONE, name))


def _rename_back(site: EdxSite) -> None:
    site.db.execute("UPDATE cohorts SET name = 'Nairobi' WHERE id = 1")


def _activate_first(site: EdxSite) -> None:
    site.db.execute("UPDATE users SET is_active = 1 WHERE id BETWEEN 7 AND 10")  # in the database: nothing followed


def _answer(site: EdxSite, userid: int, *names: str) -> None:
    for name in names:
        row = site.one("SELECT id FROM blocks WHERE course = ? AND block = ?", (_ONE, name))
        assert row is not None
        if name.endswith("_h"):
            complete(site, userid, row[0])
        else:
            answer_problem(site, userid, row[0], 1.0)
        regrade(site, userid, _ONE)


def _study(site: EdxSite) -> None:
    _answer(site, 7, "hw1_p1", "hw1_h", "hw1_p2", "hw2_p1", "hw2_p2", "final_p1", "final_p2")
    _answer(site, 8, "hw1_p1")


def _filler(site: EdxSite, first: int, last: int) -> None:
    for number in range(first, last + 1):
        add_user(site, f"filler{number}", f"filler{number}@example.com", "Filler", id=number)


def _before_nobody(site: EdxSite) -> None:
    _filler(site, 17, 17)


def _crowd(site: EdxSite) -> None:
    _filler(site, 19, 23)
    for number in range(130):
        name = f"bulk{number:03}"
        userid = add_user(site, name, f"{name}@example.com", name, id=24 + number, is_active=1)
        write_enrolment(site, userid, _ONE, "honor", active=True)
        write_enrolment(site, userid, _TWO, "audit", active=True)


def _activate_nobody(site: EdxSite) -> None:
    activate_user(site, 18)


def _override(site: EdxSite, userid: int, earned: float) -> None:
    row = site.one("SELECT id FROM blocks WHERE course = ? AND block = 'final'", (_ONE,))
    assert row is not None
    sql = "INSERT OR REPLACE INTO overrides (userid, block, earned, possible) VALUES (?, ?, ?, 2.0)"
    site.db.execute(sql, (userid, row[0], earned))
    regrade(site, userid, _ONE)


def _switch_off(site: EdxSite) -> None:
    site.features.automatic_certificates = False
    for userid in (24, 25):
        _answer(site, userid, "hw1_p1", "hw1_p2")
        _override(site, userid, 2.0)


def _signups(site: EdxSite) -> None:
    site.features.csv_signup = not site.features.csv_signup


def _lose(site: EdxSite) -> None:
    _override(site, 25, 0.0)


def _spoilt_enrolment(site: EdxSite) -> None:
    write_enrolment(site, 11, _TWO, "honor", active=True)


def _switch_on(site: EdxSite) -> None:
    site.features.csv_signup = True
    _switch_off(site)


BETWEEN: dict[str, Callable[[EdxSite], None]] = {
    "cohorts_list_ok": _more_cohorts,
    "cohort_users_add_not_enrolled": _rename_back,
    "bulk_enroll_active_users": _activate_first,
    "grades_course_user_ok": _study,
    "preassigned_register_nobody_yet": _before_nobody,
    "preassigned_enrollments_after_activation": _activate_nobody,
    "registration_extra_profile_fields": _crowd,
    "instr_register_and_enroll_jwt": _signups,
    "cert_autogen_off_before_trigger": _switch_on,
    "enrollment_get_after_cookie_401": _spoilt_enrolment,
    "cert_after_grade_loss": _lose,
}
# Bursts of calls that filled a rate limit: scope, who, how many, and seconds since they began.
BURSTS: dict[str, tuple[str, str, int, float]] = {
    "throttle_429_courses_list": ("staff", "3", 40, 42.0),
    "throttle_429_enrollment_learner": ("user", "6", 40, 0.0),
    "throttle_429_enrollment_staff": ("staff", "3", 120, 44.0),
    "throttle_shared_bulk_enroll": ("staff", "3", 120, 44.0),
    "throttle_shared_enrollments_list": ("staff", "3", 120, 44.0),
    "throttle_403_registration": ("registration", "127.0.0.1", 60, 0.0),
    "throttle_registration_validation": ("validation", "127.0.0.1", 30, 0.0),
    "throttle_oauth_token": ("oauth", "127.0.0.1", 120, 0.0),
    "throttle_shared_courses_list_after_enrollment": ("staff", "3", 45, 10.0),
}
