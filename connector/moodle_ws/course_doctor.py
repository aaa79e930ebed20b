"""How a course is set up, as far as the answer tells that names the course anyway. Nothing is asked for."""

from connector.language import _
from connector.lms import Finding, Needs
from connector.moodle_ws.ids import Ids
from connector.wire.findings import bad, costly, good


def course_settings(ids: Ids, subject: str, course: str, needs: Needs) -> Finding:
    """Whether people can be enrolled by us, complete topics, and see the course; what stops the work comes first.

    Methods of enrolment that the site or the course has switched off are left out by Moodle like those that are not
    there (core_course_get_courses_by_field). Raises ConfigError for a course that is not there.
    """
    ids.course(course)
    row = ids.course_rows[course]
    if needs.enrols and "manual" not in row.get("enrollmentmethods", ("manual",)):
        return bad(
            subject,
            _("There is no manual enrolment in it, or it is switched off: nobody can be enrolled."),
            _(
                "A manager adds or enables 'Manual enrolments' under Participants > Enrolment methods; an "
                "administrator looks whether the plugin is enabled."
            ),
        )
    if not row.get("enablecompletion", True) and any(ref.course == course for ref in needs.topics):
        return bad(
            subject,
            _("Completion tracking is off: nobody can complete anything in it."),
            _("A teacher sets 'Enable completion tracking' in the course's settings."),
        )
    if not row.get("visible", True):
        return costly(
            subject,
            _("The course is hidden: learners cannot enter it."),
            _("A teacher sets 'Course visibility' to Show before the programme begins."),
        )
    if missing := {"enrollmentmethods", "enablecompletion", "visible"} - set(row):
        return costly(
            subject,
            _("The site does not tell: {fields}.").format(fields=", ".join(sorted(missing))),
            _("Give the account moodle/course:view in the course."),
        )
    return good(subject, _("It is visible and set up for enrolment and completion."))
