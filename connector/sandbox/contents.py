"""A course's sections and activities as the service account sees them.

Source: course/externallib.php get_course_contents, get_course_module; reference/moodle-ws-facts.md section 5; recorded
call `courses.contents`. An activity's idnumber is not in the contents; only get_course_module tells it.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.completion_state import Module, course_modules, module, module_state
from connector.sandbox.courses import course_row
from connector.sandbox.faults import unknown_record
from connector.sandbox.site import Site

_KINDS = {
    "page": ("content", "Pages", 15),
    "quiz": ("assessment", "Quizzes", 17),
    "customcert": ("other", "Custom certificates", 24),
}
_QUIZ_DATA = '{"customcompletionrules":{"completionpassorattemptsexhausted":[],"completionminattempts":"0"}}'


def get_contents(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_course_get_contents: sections with their activities; completion is the CALLER's own."""
    courseid = args["courseid"]
    course_row(site, courseid)
    modules = course_modules(site, courseid)
    sections = site.all("SELECT id, section, name FROM sections WHERE course = ? ORDER BY section", (courseid,))
    return [
        {
            "id": sectionid,
            "name": name,
            "visible": 1,
            "summary": "",
            "summaryformat": 1,
            "section": number,
            "hiddenbynumsections": 0,
            "uservisible": True,
            "component": None,
            "itemid": None,
            "modules": [_module(site, item) for item in modules if item.section == number],
        }
        for sectionid, number, name in sections
    ]


def _module(site: Site, item: Module) -> dict[str, Any]:
    root = site.switches.wwwroot
    purpose, plural, _number = _KINDS[item.modname]
    icon = f"{root}/theme/image.php/boost/{item.modname}/{site.switches.theme_revision}/monologo?filtericon=1"
    shown = {
        "id": item.cmid,
        "url": f"{root}/mod/{item.modname}/view.php?id={item.cmid}",
        "name": site.text(item.name),
        "instance": item.instance,
        "contextid": item.contextid,
        "visible": 1,
        "uservisible": True,
        "visibleoncoursepage": 1,
        "modicon": icon,
        "modname": item.modname,
        "purpose": purpose,
        "branded": False,
        "modplural": plural,
        "availability": item.availability,
        "indent": 0,
        "onclick": "",
        "afterlink": None,
        "customdata": _QUIZ_DATA if item.modname == "quiz" else '""',
        "noviewlink": False,
        "completion": item.completion,
        "downloadcontent": 1,
        "dates": [],
        "groupmode": 0,
    }
    if item.completion:
        shown["completiondata"] = module_state(item, None, tracked=False)
    if item.modname == "page":
        shown |= _page_file(root, item)
    return shown


def _page_file(root: str, item: Module) -> dict[str, Any]:
    file = {
        "type": "file",
        "filename": "index.html",
        "filepath": "/",
        "filesize": 0,
        "fileurl": f"{root}/webservice/pluginfile.php/{item.contextid}/mod_page/content/index.html?forcedownload=1",
        "timecreated": None,
        "timemodified": item.timecreated,
        "sortorder": 1,
        "userid": None,
        "author": None,
        "license": None,
    }
    info = {"filescount": 1, "filessize": 0, "lastmodified": item.timecreated, "mimetypes": [], "repositorytype": ""}
    return {"contents": [file], "contentsinfo": info}


def get_course_module(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """core_course_get_course_module: one activity with its idnumber, completion rules and pass mark."""
    if not site.one("SELECT 1 FROM modules WHERE id = ?", (args["cmid"],)):
        raise unknown_record()
    item = module(site, args["cmid"])
    section = site.one("SELECT id FROM sections WHERE course = ? AND section = ?", (item.course, item.section))
    graded = item.modname == "quiz"
    shown: dict[str, Any] = {
        "id": item.cmid,
        "course": item.course,
        "module": _KINDS[item.modname][2],
        "name": item.name,
        "modname": item.modname,
        "instance": item.instance,
        "section": section[0] if section else 0,
        "sectionnum": item.section,
        "groupmode": 0,
        "groupingid": 0,
        "completion": item.completion,
        "idnumber": item.idnumber,
        "added": item.timecreated,
        "score": 0,
        "indent": 0,
        "visible": 1,
        "visibleoncoursepage": 1,
        "visibleold": 1,
        "completiongradeitemnumber": 0 if graded else None,
        "completionpassgrade": int(graded),
        "completionview": int(item.by_view),
        "completionexpected": 0,
        "showdescription": 0,
        "downloadcontent": 1,
        "availability": item.availability,
    }
    if graded:
        shown |= {"grade": item.grademax, "gradepass": f"{item.gradepass:.5f}", "gradecat": 1}
    return {"cm": shown, "warnings": []}
