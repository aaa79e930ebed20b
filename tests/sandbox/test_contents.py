"""A course's activities: what the contents tell, and what only one activity's own call tells."""

import json

import pytest

from tests.sandbox.client import COURSE, Api, Fault


def test_contents_list_all_activities_without_their_idnumbers(api: Api) -> None:
    sections = api.call("core_course_get_contents", courseid=api.course())
    modules = [module for section in sections for module in section["modules"]]
    assert len(modules) == 21
    assert all("idnumber" not in module for module in modules)
    assert [module["modname"] for module in sections[0]["modules"]] == ["page", "customcert"]
    assert sections[2]["modules"][0]["completiondata"]["isautomatic"]


def test_the_certificate_is_restricted_to_the_group(api: Api) -> None:
    sections = api.call("core_course_get_contents", courseid=api.course())
    certificate = sections[0]["modules"][1]
    group = api.call("core_group_get_course_groups", courseid=api.course())[0]
    assert json.loads(certificate["availability"])["c"] == [{"type": "group", "id": group["id"]}]
    assert group["idnumber"] == "eligible"
    assert "completiondata" not in certificate


def test_one_activity_tells_its_idnumber_and_pass_mark(api: Api) -> None:
    quiz = api.call("core_course_get_course_module", cmid=api.cmid("cd02"))["cm"]
    assert (quiz["idnumber"], quiz["modname"], quiz["completion"], quiz["grade"]) == ("cd02", "quiz", 2, 10)
    assert float(quiz["gradepass"]) == 5
    page = api.call("core_course_get_course_module", cmid=api.cmid("cd01"))["cm"]
    assert (page["idnumber"], page["completionview"], page["sectionnum"]) == ("cd01", 1, 1)
    assert "grade" not in page
    assert page["course"] == api.course(COURSE)


def test_the_unknown_is_an_error(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        api.call("core_course_get_course_module", cmid=999)
    assert caught.value.code == "invalidrecordunknown"
    with pytest.raises(Fault) as caught:
        api.call("core_course_get_contents", courseid=999)
    assert caught.value.code == "invalidrecord"
