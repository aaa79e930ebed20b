"""Every web-service function that the adapter calls, what for, and the rights that the account needs for it.

This table is what `connector doctor` compares with the token's service, and what an administrator enters there.
Rights are from reference/moodle-ws-recipes.md section 0. Nothing here is called.
"""

from dataclasses import dataclass
from enum import StrEnum

from connector.lms import GrantWay, Needs


class Use(StrEnum):
    """How much a missing function costs: the work stops, it gets slower or poorer, or one part is not possible."""

    NEEDED = "needed"
    ENROLS = "enrols"
    HELPS = "helps"
    CERTIFICATES = "certificates"
    GROUPS = "groups"
    PROVINCE_GROUPS = "province_groups"
    GATE_COMPLETION = "gate_completion"
    TOPIC_COURSES = "topic_courses"
    TOPIC_ACTIVITIES = "topic_activities"


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the service. `purpose` is English, for the generated page; `rights` are Moodle's capabilities."""

    name: str
    use: Use
    purpose: str
    rights: tuple[str, ...] = ()


FUNCTIONS = (
    Function("core_webservice_get_site_info", Use.NEEDED, "Release of the site and functions of the token's service."),
    Function(
        "tool_mobile_call_external_functions",
        Use.HELPS,
        "Several calls in one request, lists as JSON: quicker, and safe from PHP's limit on form variables.",
    ),
    Function(
        "core_user_get_users_by_field",
        Use.NEEDED,
        "Look up accounts by username, ID number and e-mail address.",
        (
            "moodle/user:viewdetails",
            "moodle/user:viewalldetails",
            "moodle/site:viewfullnames",
            "moodle/site:viewuseridentity",
        ),
    ),
    Function("core_user_create_users", Use.NEEDED, "Make accounts.", ("moodle/user:create",)),
    Function("core_user_update_users", Use.NEEDED, "Change and suspend accounts.", ("moodle/user:update",)),
    Function("core_cohort_get_cohorts", Use.NEEDED, "Find cohorts by their ID number.", ("moodle/cohort:view",)),
    Function("core_cohort_create_cohorts", Use.NEEDED, "Make the provinces' cohorts.", ("moodle/cohort:manage",)),
    Function(
        "core_cohort_update_cohorts",
        Use.HELPS,
        "Give cohorts another name after a merger of provinces.",
        ("moodle/cohort:manage",),
    ),
    Function("core_cohort_get_cohort_members", Use.NEEDED, "Read who is in the cohorts.", ("moodle/cohort:view",)),
    Function("core_cohort_add_cohort_members", Use.NEEDED, "Put people into cohorts.", ("moodle/cohort:assign",)),
    Function("core_cohort_delete_cohort_members", Use.NEEDED, "Take people out of cohorts.", ("moodle/cohort:assign",)),
    Function(
        "core_course_get_courses_by_field",
        Use.NEEDED,
        "Find courses by their ID number.",
        ("moodle/course:view", "moodle/course:viewhiddencourses"),
    ),
    Function(
        "core_enrol_get_enrolled_users",
        Use.NEEDED,
        "Read who is enrolled, and their last access.",
        ("moodle/course:viewparticipants", "moodle/course:enrolreview", "moodle/site:accessallgroups"),
    ),
    Function(
        "enrol_manual_enrol_users",
        Use.ENROLS,
        "Enrol people with a window, suspend enrolments.",
        ("enrol/manual:enrol", "moodle/role:assign"),
    ),
    Function(
        "core_course_get_contents",
        Use.TOPIC_ACTIVITIES,
        "List the activities of a course.",
        ("moodle/course:view", "moodle/course:viewhiddenactivities", "mod/quiz:view", "mod/customcert:view"),
    ),
    Function(
        "core_course_get_course_module",
        Use.TOPIC_ACTIVITIES,
        "Read the ID number of an activity.",
        ("moodle/course:manageactivities",),
    ),
    Function(
        "core_completion_get_activities_completion_status",
        Use.TOPIC_ACTIVITIES,
        "Read activity completions, one person a call.",
        ("report/progress:view",),
    ),
    Function(
        "gradereport_user_get_grade_items",
        Use.TOPIC_ACTIVITIES,
        "Read grades.",
        ("gradereport/user:view", "moodle/grade:viewall"),
    ),
    Function(
        "core_completion_get_course_completion_status",
        Use.TOPIC_COURSES,
        "Read the exact time of a course completion.",
        ("report/completion:view",),
    ),
    Function(
        "core_reportbuilder_list_reports",
        Use.HELPS,
        "Find the custom report connector-completions.",
        ("moodle/reportbuilder:view",),
    ),
    Function(
        "core_reportbuilder_retrieve_report",
        Use.HELPS,
        "Read course completions of everybody, 5,000 a request.",
        ("moodle/reportbuilder:view",),
    ),
    Function(
        "core_group_get_course_groups",
        Use.GROUPS,
        "Find the group that releases the certificate, and the provinces' groups.",
        ("moodle/course:managegroups",),
    ),
    Function(
        "core_group_get_group_members",
        Use.GROUPS,
        "Read to whom the certificate has been released, and who is in the provinces' groups.",
        ("moodle/course:managegroups",),
    ),
    Function(
        "core_group_add_group_members",
        Use.GROUPS,
        "Release the certificate to people, and put them into the provinces' groups.",
        ("moodle/course:managegroups",),
    ),
    Function(
        "core_group_create_groups",
        Use.PROVINCE_GROUPS,
        "Make a group for each province in each course.",
        ("moodle/course:managegroups",),
    ),
    Function(
        "core_group_delete_group_members",
        Use.GROUPS,
        "Take back the release of revoked certificates, and take who has moved out of the former province's group.",
        ("moodle/course:managegroups",),
    ),
    Function(
        "core_completion_override_activity_completion_status",
        Use.GATE_COMPLETION,
        "Release the certificate to people by the completion of an activity.",
        ("moodle/course:overridecompletion",),
    ),
    Function(
        "mod_customcert_list_issues",
        Use.CERTIFICATES,
        "Read the issued certificates (mod_customcert 4.4.7 or newer).",
        ("mod/customcert:viewallcertificates",),
    ),
    Function(
        "mod_customcert_delete_issue",
        Use.CERTIFICATES,
        "Delete the issues of revoked and replaced certificates.",
        ("mod/customcert:manage",),
    ),
)


# Rights that no single function of the table asks for: to call at all, to see roles, activities restricted to others.
RIGHTS_AT_ALL = (
    "webservice/rest:use",
    "moodle/role:review",
    "moodle/course:ignoreavailabilityrestrictions",
)

_GATES = {
    GrantWay.GROUP: {Use.GROUPS},
    GrantWay.PROFILE_FIELD: set[Use](),
    GrantWay.GATE_ACTIVITY: {Use.GATE_COMPLETION},
    GrantWay.OWN_COMPLETION: {Use.GATE_COMPLETION},
    GrantWay.ALLOWLIST: set[Use](),
}


def wanted(needs: Needs) -> tuple[Function, ...]:
    """The functions that matter to a programme with these needs; the helpful ones are always among them."""
    uses = {Use.NEEDED, Use.HELPS}
    if needs.enrols:
        uses.add(Use.ENROLS)
    if needs.gate is not None:
        # The certificate is itself found as an activity.
        uses |= {Use.CERTIFICATES, Use.TOPIC_ACTIVITIES} | _GATES[needs.gate.way]
    if needs.groups:
        uses |= {Use.GROUPS, Use.PROVINCE_GROUPS}
    uses |= {Use.TOPIC_ACTIVITIES if ref.activity else Use.TOPIC_COURSES for ref in needs.topics}
    return tuple(function for function in FUNCTIONS if function.use in uses)
