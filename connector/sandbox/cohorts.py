"""Cohorts and their members, with the enrolment that hangs on membership.

Source: cohort/externallib.php, cohort/lib.php; reference/moodle-ws-facts.md section 3; recorded calls `cohorts.*`.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.cohort_enrolment import enrol_members, remove_members
from connector.sandbox.faults import invalid_parameter, missing, write_failed
from connector.sandbox.site import Site

_SELECT = "SELECT id, name, idnumber, description, visible FROM cohorts"


def create_cohorts(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_cohort_create_cohorts: one transaction; an idnumber in use refuses the list, an empty one counts too."""
    made = []
    for cohort in args["cohorts"]:
        category = _category(site, cohort["categorytype"])
        if site.one("SELECT 1 FROM cohorts WHERE idnumber = ?", (cohort["idnumber"],)):
            raise invalid_parameter()
        site.require("moodle/cohort:manage")
        if len(cohort["name"]) > 254 or len(cohort["idnumber"]) > 100:  # noqa: PLR2004 - Moodle's column lengths
            raise write_failed()
        cohortid = site.next_id("cohorts")
        row = (cohortid, cohort["name"], cohort["idnumber"], cohort.get("description") or "")
        visible = int(cohort.get("visible") is not False)
        site.db.execute(
            "INSERT INTO cohorts (id, name, idnumber, description, visible, category, heap)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*row, visible, category, site.next_heap("cohorts")),
        )
        made.append(_shown(site, (*row, visible)))
    return made


def _category(site: Site, kind: Mapping[str, str]) -> int:
    if kind["type"] == "system":
        return 0
    if kind["type"] not in ("id", "idnumber"):
        raise invalid_parameter()
    row = site.one(f"SELECT id FROM categories WHERE {kind['type']} = ?", (kind["value"],))
    if row is None:
        raise invalid_parameter()
    return int(row[0])


def _shown(site: Site, row: tuple[Any, ...]) -> dict[str, Any]:
    cohortid, name, idnumber, description, visible = row
    return {
        "id": cohortid,
        "name": site.text(name),
        "idnumber": idnumber,
        "description": site.text(description),
        "descriptionformat": 1,
        "visible": visible,
        "theme": "",
    }


def _with_fields(site: Site, rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [_shown(site, row) | {"customfields": []} for row in rows]


def get_cohorts(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_cohort_get_cohorts: no ids means all; unknown ids are left out; unsorted, as the database holds them."""
    if not args["cohortids"]:
        return _with_fields(site, site.all(f"{_SELECT} ORDER BY heap"))
    return _with_fields(site, list(site.among(f"{_SELECT} WHERE id IN ({{}}) ORDER BY heap", args["cohortids"])))


def search_cohorts(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """core_cohort_search_cohorts: by part of name, idnumber or description, sorted by name, 25 unless told."""
    like = f"%{args['query']}%"
    rows = site.all(
        f"{_SELECT} WHERE (? = 'all' OR category = 0)"
        " AND (name LIKE ? OR idnumber LIKE ? OR description LIKE ?) ORDER BY name, idnumber LIMIT ? OFFSET ?",
        (args["includes"], like, like, like, args["limitnum"] or -1, args["limitfrom"]),
    )
    return {"cohorts": _with_fields(site, rows)}


def update_cohorts(site: Site, args: Mapping[str, Any]) -> None:
    """core_cohort_update_cohorts: one transaction; uniqueness of the idnumber is not looked at (facts 3)."""
    for cohort in args["cohorts"]:
        _must_exist(site, cohort["id"])
        site.require("moodle/cohort:manage")
        changes = {"name": cohort["name"], "idnumber": cohort["idnumber"]}
        changes |= {"category": _category(site, cohort["categorytype"]), "heap": site.next_heap("cohorts")}
        if cohort.get("description") is not None:
            changes["description"] = cohort["description"]
        if cohort.get("visible") is not None:
            changes["visible"] = int(cohort["visible"])
        assignments = ", ".join(f"{name} = ?" for name in changes)
        site.db.execute(
            f"UPDATE cohorts SET {assignments} WHERE id = ?",
            (*changes.values(), cohort["id"]),
        )


def delete_cohorts(site: Site, args: Mapping[str, Any]) -> None:
    """core_cohort_delete_cohorts: members lose what the cohort's enrolment gave them; an unknown id fails all."""
    for cohortid in args["cohortids"]:
        _must_exist(site, cohortid)
        remove_members(site, cohortid, [row[0] for row in _members(site, cohortid)])
        site.db.execute("DELETE FROM enrol WHERE cohort = ?", (cohortid,))
        site.db.execute("DELETE FROM cohorts WHERE id = ?", (cohortid,))


def _must_exist(site: Site, cohortid: int) -> None:
    if not site.one("SELECT 1 FROM cohorts WHERE id = ?", (cohortid,)):
        raise missing("cohort")


def _members(site: Site, cohortid: int) -> list[tuple[Any, ...]]:
    return site.all(
        "SELECT m.userid FROM cohort_members m JOIN users u ON u.id = m.userid WHERE m.cohort = ? ORDER BY u.heap",
        (cohortid,),
    )


def get_cohort_members(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_cohort_get_cohort_members: ids only, all of them, unsorted; an unknown cohort fails the call."""
    answer = []
    for cohortid in args["cohortids"]:
        _must_exist(site, cohortid)
        answer.append({"cohortid": cohortid, "userids": [row[0] for row in _members(site, cohortid)]})
    return answer


def add_cohort_members(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """core_cohort_add_cohort_members: ordinary problems are warnings without an item id (facts 3).

    Codes: 1 a wrong type, 2 cohort or person unknown, 3 already a member. Only 3 means done.
    """
    members = args["members"]
    people = _people(site, members)
    cohorts = {kind: dict(site.all(f"SELECT {kind}, id FROM cohorts")) for kind in ("id", "idnumber")}
    present = _present(site, members, cohorts)
    warnings = []
    added: dict[int, list[int]] = {}
    for member in members:
        cohort, person = member["cohorttype"], member["usertype"]
        if cohort["type"] not in cohorts or person["type"] not in people:
            warnings.append(_warning("1", "invalid type specified"))
            continue
        cohortid = cohorts[cohort["type"]].get(_key(cohort))
        userid = people[person["type"]].get(_key(person))
        if cohortid is None:
            warnings.append(_warning("2", f"cohort {cohort['type']}={cohort['value']} not exists"))
        elif userid is None:
            warnings.append(_warning("2", f"user {person['type']}={person['value']} not exists"))
        elif (cohortid, userid) in present:
            pair = f"{cohort['type']}={cohort['value']} {person['type']}={person['value']}"
            warnings.append(_warning("3", f"record already exists: cohort({pair})"))
        else:
            present.add((cohortid, userid))
            added.setdefault(cohortid, []).append(userid)
    for cohortid, userids in added.items():
        enrol_members(site, cohortid, userids)
    return {"warnings": warnings}


def _key(kind: Mapping[str, str]) -> str | int:
    if kind["type"] != "id":
        return kind["value"]
    return int(kind["value"]) if kind["value"].isdigit() else -1


def _people(site: Site, members: list[Mapping[str, Any]]) -> dict[str, dict[str | int, int]]:
    found: dict[str, dict[str | int, int]] = {}
    for kind in ("id", "username"):
        keys = [_key(member["usertype"]) for member in members if member["usertype"]["type"] == kind]
        marks = f"SELECT {kind}, id FROM users WHERE {kind} IN ({{}}) AND deleted = 0"
        found[kind] = dict(site.among(marks, keys))
    return found


def _present(
    site: Site, members: list[Mapping[str, Any]], cohorts: Mapping[str, Mapping[str | int, int]]
) -> set[tuple[int, int]]:
    wanted = {
        cohorts[member["cohorttype"]["type"]].get(_key(member["cohorttype"]))
        for member in members
        if member["cohorttype"]["type"] in cohorts
    }
    ids = [cohortid for cohortid in wanted if cohortid is not None]
    return {
        (row[0], row[1]) for row in site.among("SELECT cohort, userid FROM cohort_members WHERE cohort IN ({})", ids)
    }


def _warning(code: str, message: str) -> dict[str, str]:
    return {"warningcode": code, "message": message}


def delete_cohort_members(site: Site, args: Mapping[str, Any]) -> None:
    """core_cohort_delete_cohort_members: unknown cohort or person fails all; not being a member is no error."""
    members = args["members"]
    cohorts = _known(site, "cohorts", [member["cohortid"] for member in members])
    people = _known(site, "users", [member["userid"] for member in members], "AND deleted = 0")
    for member in members:  # the first one that is wrong is told
        if member["cohortid"] not in cohorts:
            raise missing("cohort")
        if member["userid"] not in people:
            raise missing("user")
    leaving: dict[int, list[int]] = {}
    for member in members:
        leaving.setdefault(member["cohortid"], []).append(member["userid"])
    for cohortid, userids in leaving.items():
        remove_members(site, cohortid, userids)


def _known(site: Site, table: str, ids: list[int], more: str = "") -> set[int]:
    return {row[0] for row in site.among(f"SELECT id FROM {table} WHERE id IN ({{}}) {more}", ids)}
