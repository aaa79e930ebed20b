"""Accounts: create, update, delete.

Source: user/externallib.php; reference/moodle-ws-facts.md 2.1, 2.4, 2.5; recorded calls `users.*`.
"""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from connector.sandbox.faults import MoodleFault, invalid_parameter, missing, moodle_exception, write_failed
from connector.sandbox.site import ADMIN_ID, GUEST_ID, Site
from connector.sandbox.user_rules import (
    INTERNAL_AUTH,
    check_lengths,
    check_new,
    check_password,
    stored_password,
    valid_email,
)

COLUMNS = (
    "username",
    "auth",
    "firstname",
    "lastname",
    "email",
    "idnumber",
    "institution",
    "department",
    "phone1",
    "phone2",
    "address",
    "city",
    "country",
    "lang",
    "theme",
    "timezone",
    "mailformat",
    "description",
)
_DEFAULTS = dict.fromkeys(COLUMNS, "") | {"timezone": "99", "mailformat": 1}
_INSERT = (
    f"INSERT INTO users (id, {', '.join(COLUMNS)}, emailkey, password, timecreated, heap)"
    f" VALUES ({', '.join('?' * (len(COLUMNS) + 5))})"
)


def create_users(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_user_create_users: all or nothing. An unknown custom field is dropped without a word (facts 2.1)."""
    site.require("moodle/user:create")
    users: list[dict[str, Any]] = args["users"]
    taken = set(site.among("SELECT username FROM users WHERE username IN ({})", [user["username"] for user in users]))
    mails = _mails_in_use(site, users)
    rows = []
    for user in users:
        mail = user["email"].lower()
        if (user["username"],) in taken or mail in mails:
            raise invalid_parameter()
        check_new(user, site.switches.languages)
        check_lengths(user)
        userid = site.next_id("users")
        rows.append(_row(site, userid, user))
        taken.add((user["username"],))
        mails |= set() if site.switches.same_email_allowed else {mail}
        user["id"] = userid
    site.db.executemany(_INSERT, rows)
    _write_profiles(site, [(user["id"], user.get("customfields", ())) for user in users])
    _write_preferences(site, users)
    return [{"id": user["id"], "username": user["username"]} for user in users]


def _mails_in_use(site: Site, users: Sequence[Mapping[str, Any]]) -> set[str]:
    if site.switches.same_email_allowed:
        return set()
    keys = [user["email"].lower() for user in users]
    return {row[0] for row in site.among("SELECT emailkey FROM users WHERE emailkey IN ({}) AND deleted = 0", keys)}


def _row(site: Site, userid: int, user: Mapping[str, Any]) -> tuple[Any, ...]:
    filled = _DEFAULTS | {name: user[name] for name in COLUMNS if user.get(name) is not None}
    password = stored_password(user["password"]) if user.get("password") and user["auth"] in INTERNAL_AUTH else ""
    values = (filled[name] for name in COLUMNS)
    return (userid, *values, user["email"].lower(), password, site.now(), site.next_heap("users"))


def _write_profiles(site: Site, given: Sequence[tuple[int, Sequence[Mapping[str, str]]]]) -> None:
    fields = dict(site.all("SELECT shortname, id FROM profile_fields"))
    site.db.executemany(
        "INSERT OR REPLACE INTO profile_data (userid, fieldid, data) VALUES (?, ?, ?)",
        [
            (userid, fields[item["type"]], item["value"])
            for userid, items in given
            for item in items
            if item["type"] in fields
        ],
    )


def _write_preferences(site: Site, users: Sequence[Mapping[str, Any]]) -> None:
    site.db.executemany(
        "INSERT OR REPLACE INTO preferences (userid, name, value) VALUES (?, ?, ?)",
        [(user["id"], item["type"], item["value"]) for user in users for item in user.get("preferences", ())],
    )


def update_users(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """core_user_update_users: each account on its own; a refusal is a warning, the others go on (facts 2.4)."""
    site.require("moodle/user:update")
    warnings = []
    for user in args["users"]:
        site.db.execute("SAVEPOINT account")
        try:
            _update(site, user)
        except MoodleFault as fault:
            site.db.execute("ROLLBACK TO account")
            warnings.append(
                {"item": "user", "itemid": user["id"], "warningcode": fault.errorcode, "message": fault.message}
            )
        site.db.execute("RELEASE account")
    return {"warnings": warnings}


def _update(site: Site, user: Mapping[str, Any]) -> None:
    row = site.one("SELECT deleted FROM users WHERE id = ?", (user["id"],))
    if row is None:
        raise moodle_exception("invaliduserid", "Invalid user ID")
    _check_may_change(user["id"], deleted=bool(row[0]))
    _check_changes(site, user)
    changes = {name: user[name] for name in COLUMNS if user.get(name) is not None}
    if user.get("suspended") is not None:
        changes["suspended"] = int(user["suspended"])
    if user.get("password"):
        changes["password"] = stored_password(user["password"])
    if "email" in changes:
        changes["emailkey"] = changes["email"].lower()
    changes["heap"] = site.next_heap("users")
    assignments = ", ".join(f"{name} = ?" for name in changes)
    try:
        site.db.execute(
            f"UPDATE users SET {assignments} WHERE id = ?",
            (*changes.values(), user["id"]),
        )
    except sqlite3.IntegrityError:
        raise write_failed() from None
    _write_profiles(site, [(user["id"], user.get("customfields", ()))])
    _write_preferences(site, [user])


def _check_may_change(userid: int, *, deleted: bool) -> None:
    if userid == ADMIN_ID:
        # The service account of the sandbox is the administrator itself; Moodle lets an administrator change himself.
        return
    if deleted:
        raise moodle_exception("usernotupdateddeleted", "error/usernotupdateddeleted")
    if userid == GUEST_ID:
        raise moodle_exception("usernotupdatedguest", "error/usernotupdatedguest")


def _check_changes(site: Site, user: Mapping[str, Any]) -> None:
    if user.get("email") is not None:
        _check_email(site, user["id"], user["email"])
    if user.get("password"):
        check_password(user["password"])
    check_lengths({name: user[name] for name in COLUMNS if user.get(name) is not None})


def _check_email(site: Site, userid: int, email: str) -> None:
    if not valid_email(email):
        raise moodle_exception("useremailinvalid", "Invalid email address")
    if site.switches.same_email_allowed:
        return
    found = site.one(
        "SELECT 1 FROM users WHERE emailkey = ? AND id <> ? AND deleted = 0",
        (email.lower(), userid),
    )
    if found:
        raise moodle_exception("useremailduplicate", "Duplicate address")


def delete_users(site: Site, args: Mapping[str, Any]) -> None:
    """core_user_delete_users: one transaction; the row stays, renamed, and no reader sees a flag (facts 2.5)."""
    for userid in args["userids"]:
        row = site.one("SELECT username, email FROM users WHERE id = ? AND deleted = 0", (userid,))
        if row is None:
            raise missing("user")
        if userid in (ADMIN_ID, GUEST_ID):
            raise moodle_exception("usernotdeletedadmin", "Can't delete admin user")
        username, email = row
        site.db.execute(
            "UPDATE users SET deleted = 1, username = ?, email = ?, emailkey = ?, idnumber = '', heap = ? WHERE id = ?",
            (
                f"{email}.{site.now()}",
                _digest(username),
                _digest(username),
                site.next_heap("users"),
                userid,
            ),
        )
        _forget(site, userid)


def _digest(username: str) -> str:
    return hashlib.md5(username.encode(), usedforsecurity=False).hexdigest()


def _forget(site: Site, userid: int) -> None:
    for table in ("user_enrolments", "roles", "cohort_members", "group_members", "profile_data", "preferences"):
        site.db.execute(f"DELETE FROM {table} WHERE userid = ?", (userid,))
    for table in ("grades", "course_access"):
        site.db.execute(f"DELETE FROM {table} WHERE userid = ?", (userid,))
