"""Accounts as Moodle shows them: looked up by field or by criteria.

Source: user/externallib.php, user/lib.php user_get_user_details; reference/moodle-ws-facts.md 2.2, 2.3; recorded
calls `users.get*`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from connector.sandbox.faults import coding_error, invalid_parameter, moodle_exception
from connector.sandbox.openedx.countries import COUNTRIES
from connector.sandbox.site import ADMIN_ID, Site

_SELECT = (
    "SELECT id, username, firstname, lastname, email, address, phone1, phone2, department, institution, idnumber,"
    " firstaccess, lastaccess, auth, suspended, confirmed, lang, theme, timezone, mailformat, description, city,"
    " country FROM users"
)
_NAMES = [name.strip() for name in _SELECT.removeprefix("SELECT ").removesuffix(" FROM users").split(",")]
_OPTIONAL = ("address", "phone1", "phone2", "institution", "idnumber", "city", "country")
# What of a looked-up value survives cleaning, by field (core_user_external::get_users_by_field).
_CLEAN: dict[str, Callable[[str], str]] = {
    "id": lambda text: re.sub(r"[^0-9-]", "", text) or "0",
    "idnumber": lambda text: text,
    "username": lambda text: re.sub(r"[^-.@_a-z0-9]", "", text.lower()),
    "email": lambda text: text.strip(),
}
# Shown only with moodle/user:viewalldetails, or of oneself (user/lib.php user_get_user_details).
_DETAILS = {
    "username", "auth", "confirmed", "suspended", "lang", "theme", "timezone", "mailformat", "idnumber", "email",
    "institution", "department", "phone1", "phone2", "address",
}  # fmt: skip
_CRITERIA = {"id", "lastname", "firstname", "idnumber", "username", "email", "auth"}
_WILD = {"lastname", "firstname", "email"}


def get_users_by_field(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_user_get_users_by_field: unknown values are simply missing; a deleted account is found by id (facts 2.2).

    Without moodle/user:viewalldetails (`Switches.blind`) a look-up by username finds nobody but oneself.
    """
    name = args["field"]
    if name not in _CLEAN:
        raise coding_error("invalid field parameter")
    values = [_searched(name, value) for value in args["values"]]
    column = "emailkey" if name == "email" else name
    alive = "" if name == "id" else " AND deleted = 0"
    rows = sorted(site.among(f"{_SELECT} WHERE {column} IN ({{}}){alive}", _keys(name, values)))
    if site.switches.blind and name != "id":
        rows = [row for row in rows if row[0] == ADMIN_ID]
    # Moodle gives only those of whom it shows the field that was asked for: "0" and "" find nobody.
    found = [user for user in details(site, rows) if site.switches.blind or told(name, user.get(name, ""))]
    return [_seen_blindly(user) for user in found] if site.switches.blind else found


def _seen_blindly(user: dict[str, Any]) -> dict[str, Any]:
    if user["id"] == ADMIN_ID:
        return user
    return {name: value for name, value in user.items() if name not in _DETAILS}


def _searched(name: str, value: str) -> str:
    clean = _CLEAN[name](value)
    if not _loosely_equal(clean, value):
        raise invalid_parameter()
    return clean


def _loosely_equal(left: str, right: str) -> bool:
    """PHP's ==: numeric texts are compared as numbers, so '+84912345678' passes for '84912345678' (facts 2.2)."""
    if left == right:
        return True
    try:
        return float(left) == float(right)
    except ValueError:
        return False


def _keys(name: str, values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value.lower() if name == "email" else value for value in values))


def get_users(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """core_user_get_users: an unknown key is a warning and is ignored, so alone it means everybody (facts 2.3)."""
    conditions = ["deleted = 0"]
    values: list[str] = []
    warnings = []
    seen = set()
    for criterion in args["criteria"]:
        key, value = criterion["key"], criterion["value"]
        if key in seen:
            raise moodle_exception("keyalreadyset", "error/keyalreadyset")
        seen.add(key)
        if key not in _CRITERIA:
            warnings.append(_unsupported(key))
            continue
        like = key in _WILD
        conditions.append(f"{key} {'LIKE' if like else '='} ?")
        values.append(value)
    rows = site.all(f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY id", values)
    return {"users": details(site, rows), "warnings": warnings}


def _unsupported(key: str) -> dict[str, str]:
    message = f"The search key '{key}' is not supported, look at the web service documentation"
    return {"item": key, "warningcode": "invalidfieldparameter", "message": message}


def details(site: Site, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """The accounts of these rows, with custom fields that are not empty; own preferences only for oneself."""
    profiles = profile_values(site, [row[0] for row in rows], display=True)
    small, large = site.picture("f2"), site.picture("f1")
    return [_detail(site, row, profiles.get(row[0]), small, large) for row in rows]


def _detail(
    site: Site, row: tuple[Any, ...], profile: list[dict[str, str]] | None, small: str, large: str
) -> dict[str, Any]:
    user = dict(zip(_NAMES, row, strict=True))
    for name in _OPTIONAL:
        if not told(name, user[name]):
            del user[name]
    if user["description"]:
        user["descriptionformat"] = 1
    else:
        del user["description"]
    user["fullname"] = f"{row[2]} {row[3]}"
    user["trackforums"] = 0
    user["profileimageurlsmall"] = small
    user["profileimageurl"] = large
    if profile:
        user["customfields"] = profile
    if row[0] == ADMIN_ID:
        user["preferences"] = _preferences(site)
    return user


def told(name: str, value: Any) -> bool:
    """Whether Moodle shows this value of an account: nothing empty to PHP, no country that is unknown."""
    return bool(value) and value != "0" and (name != "country" or value in COUNTRIES)


def _preferences(site: Site) -> list[dict[str, Any]]:
    rows = site.all("SELECT name, value FROM preferences WHERE userid = ? ORDER BY name", (ADMIN_ID,))
    return [{"name": name, "value": value} for name, value in [*rows, ("_lastloaded", site.now())]]


def profile_values(site: Site, userids: Sequence[int], *, display: bool) -> dict[int, list[dict[str, str]]]:
    """The custom fields with content of these accounts, in the order of the site's form."""
    fields = site.all("SELECT id, shortname, name FROM profile_fields ORDER BY sortorder, id DESC")
    data: dict[int, dict[int, str]] = {}
    marks = "SELECT userid, fieldid, data FROM profile_data WHERE data <> '' AND userid IN ({})"
    for userid, fieldid, value in site.among(marks, userids):
        data.setdefault(userid, {})[fieldid] = value
    return {
        userid: [
            _field(site, shortname, name, values[fieldid], display=display)
            for fieldid, shortname, name in fields
            if fieldid in values
        ]
        for userid, values in data.items()
    }


def _field(site: Site, shortname: str, name: str, value: str, *, display: bool) -> dict[str, str]:
    shown = {"type": "text", "value": value, "name": name, "shortname": shortname}
    if display:
        shown["displayvalue"] = site.text(value)
    return shown
