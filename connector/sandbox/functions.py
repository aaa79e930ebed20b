"""The web-service functions that the pretend Moodle knows, and how one call of one of them is carried out.

A call is: the token's service must hold the function, parameters are checked by its description, the function runs in
one transaction, the result is cleaned by its description (reference/moodle-ws-facts.md 1.2).
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from connector.sandbox import (
    certificates,
    cohorts,
    completion,
    contents,
    courses,
    enrolled,
    enrolments,
    grades,
    groups,
    messages,
    profiles,
    reports,
    schema,
    site_info,
    users,
)
from connector.sandbox.answers import php_json
from connector.sandbox.faults import MoodleFault, access_denied, missing
from connector.sandbox.schema import Description
from connector.sandbox.site import Request, Site

Run = Callable[[Site, Mapping[str, Any]], Any]
BATCH = "tool_mobile_call_external_functions"


def call_external_functions(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """tool_mobile_call_external_functions: stops at the first failing item; earlier ones are committed (facts 1.7).

    Arguments that are no JSON object are taken as empty, without an error.
    """
    responses = []
    outer = site.request
    for request in args["requests"]:
        site.request = Request(raw=request["settingraw"], timezone=outer.timezone, functions=outer.functions)
        site.calls[f"{BATCH}/{request['function']}"] += 1
        try:
            result = _inner(site, request["function"], request["arguments"])
        except MoodleFault as fault:
            responses.append({"error": True, "exception": _fault_text(site, fault)})
            break
        responses.append({"error": False} if result is None else {"error": False, "data": php_json(result)})
    site.request = outer
    return {"responses": responses}


def _inner(site: Site, name: str, arguments: str) -> Any:
    if name not in site.request.functions:
        raise access_denied()
    return perform(site, name, _arguments(arguments))


def _arguments(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _fault_text(site: Site, fault: MoodleFault) -> str:
    code = fault.errorcode or "generalexceptionmessage"
    message = fault.message if fault.errorcode else f"Exception - {fault.message}"
    more = f"https://docs.moodle.org/405/en/error/{fault.module}/{code}"
    link = f"{site.switches.wwwroot}/"
    return php_json({"message": message, "errorcode": code, "link": link, "moreinfourl": more})


FUNCTIONS: dict[str, Run] = {
    "core_cohort_add_cohort_members": cohorts.add_cohort_members,
    "core_cohort_create_cohorts": cohorts.create_cohorts,
    "core_cohort_delete_cohort_members": cohorts.delete_cohort_members,
    "core_cohort_delete_cohorts": cohorts.delete_cohorts,
    "core_cohort_get_cohort_members": cohorts.get_cohort_members,
    "core_cohort_get_cohorts": cohorts.get_cohorts,
    "core_cohort_search_cohorts": cohorts.search_cohorts,
    "core_cohort_update_cohorts": cohorts.update_cohorts,
    "core_completion_get_activities_completion_status": completion.get_activities_completion_status,
    "core_completion_get_course_completion_status": completion.get_course_completion_status,
    "core_completion_override_activity_completion_status": completion.override_activity_completion_status,
    "core_course_create_courses": courses.create_courses,
    "core_course_get_categories": courses.get_categories,
    "core_course_get_contents": contents.get_contents,
    "core_course_get_course_module": contents.get_course_module,
    "core_course_get_courses_by_field": courses.get_courses_by_field,
    "core_enrol_get_course_enrolment_methods": enrolled.get_course_enrolment_methods,
    "core_enrol_get_enrolled_users": enrolled.get_enrolled_users,
    "core_enrol_get_users_courses": courses.get_users_courses,
    "core_grades_update_grades": grades.update_grades,
    "core_group_add_group_members": groups.add_group_members,
    "core_group_create_groups": groups.create_groups,
    "core_group_delete_group_members": groups.delete_group_members,
    "core_group_get_course_groups": groups.get_course_groups,
    "core_group_get_group_members": groups.get_group_members,
    "core_message_send_instant_messages": messages.send_instant_messages,
    "core_reportbuilder_list_reports": reports.list_reports,
    "core_reportbuilder_retrieve_report": reports.retrieve_report,
    "core_user_create_users": users.create_users,
    "core_user_delete_users": users.delete_users,
    "core_user_get_users": profiles.get_users,
    "core_user_get_users_by_field": profiles.get_users_by_field,
    "core_user_update_users": users.update_users,
    "core_webservice_get_site_info": site_info.get_site_info,
    "enrol_manual_enrol_users": enrolments.enrol_users,
    "enrol_manual_unenrol_users": enrolments.unenrol_users,
    "gradereport_user_get_grade_items": grades.get_grade_items,
    "mod_customcert_delete_issue": certificates.delete_issue,
    "mod_customcert_list_issues": certificates.list_issues,
    "mod_quiz_get_quizzes_by_courses": grades.get_quizzes_by_courses,
    BATCH: call_external_functions,
}


@cache
def descriptions() -> dict[str, Description]:
    """The descriptions of all functions, compiled once."""
    return schema.load()


def perform(site: Site, name: str, arguments: Any) -> Any:
    """The cleaned result of one call. Writes what the function writes; raises MoodleFault."""
    if name not in FUNCTIONS:
        raise missing("external_functions")
    if name not in site.request.functions:
        raise access_denied()
    description = descriptions()[name]
    checked = description.parameters(arguments)
    if name == BATCH:
        return description.result(call_external_functions(site, checked))
    with site.transaction():
        result = FUNCTIONS[name](site, checked)
    if site.bill is not None:
        site.bill.add(name, checked, result)
    return description.result(result)
