"""Accounts read: by names, by one e-mail, by id, many by e-mail; and what may not be changed.

Source: openedx/core/djangoapps/user_api/accounts; reference/openedx-facts.md section 3; the recorded accounts_*.
"""

from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.answers import Refusal, detail, empty, reply
from connector.sandbox.openedx.asking import NO_RIGHT, Ask
from connector.sandbox.openedx.site import EdxSite, iso

_SIZES = (("full", 500), ("large", 120), ("medium", 50), ("small", 30))
_FIELDS = (
    "id, username, email, name, is_active, activation_key, country, gender, level_of_education, year_of_birth, goals,"
    " mailing_address, date_joined, last_login"
)
_EDITABLE = ("name", "country", "gender", "level_of_education", "goals", "mailing_address", "year_of_birth")


def me(ask: Ask) -> SandboxAnswer:
    """The caller's own name."""
    return reply({"username": ask.user.username})


def accounts(ask: Ask) -> SandboxAnswer:
    """Accounts by ?username=a,b or ?email= or ?lms_user_id=.

    Unknown names are left out; none at all is an empty 404.
    """
    query = ask.query
    if "username" in query:
        names = [name for name in query["username"].split(",") if name]
        sql = f"SELECT {_FIELDS} FROM users WHERE username IN ({{}})"
        found = {row[1].lower(): row for row in ask.site.among(sql, names)}
        rows = [found[name] for name in sorted(found, key=lambda name: found[name][0])]
    elif "email" in query or "lms_user_id" in query:
        ask.need(ask.user.is_staff)
        column = "email" if "email" in query else "id"
        value = query.get("email", query.get("lms_user_id"))
        rows = ask.site.all(f"SELECT {_FIELDS} FROM users WHERE {column} = ?", (value,))
    else:
        rows = _by_name(ask.site, ask.user.username)
    return reply([_account(ask, row) for row in rows]) if rows else empty(404)


def account(ask: Ask) -> SandboxAnswer:
    """One account, or an empty 404."""
    rows = _by_name(ask.site, ask.arguments["username"])
    return reply(_account(ask, rows[0])) if rows else empty(404)


def patch_account(ask: Ask) -> SandboxAnswer:
    """One's own account changed; another's is an empty 403, even for a superuser."""
    if ask.content_type != "application/merge-patch+json":
        raise detail(415, f'Unsupported media type "{ask.content_type}" in request.')
    if ask.arguments["username"] != ask.user.username:
        return empty(403)
    changes = {name: value for name, value in ask.data().items() if name in _EDITABLE}
    for name, value in changes.items():
        ask.site.db.execute(f"UPDATE users SET {name} = ? WHERE id = ?", (value, ask.user.id))
    return account(ask)


def search_emails(ask: Ask) -> SandboxAnswer:
    """Ids and names of the accounts with these e-mails; those that have none are left out."""
    if not ask.user.is_staff:
        raise Refusal(reply({"developer_message": "not_found", "user_message": "Not Found"}, 404))
    emails = ask.data().get("emails")
    if emails is None:
        text = "'emails' field is required"
        raise Refusal(reply({"developer_message": text, "user_message": text}, 400))
    rows = ask.site.among("SELECT email, id, username FROM users WHERE email IN ({}) ORDER BY id", emails)
    return reply([{"email": email, "id": userid, "username": name} for email, userid, name in rows])


def deactivate(ask: Ask) -> SandboxAnswer:
    """Take an account's password away; it stays active."""
    ask.need(ask.user.is_superuser)
    ask.site.db.execute("UPDATE users SET password = '' WHERE username = ?", (ask.arguments["username"],))
    return account(ask)


def preferences(ask: Ask) -> SandboxAnswer:
    """An account's preferences; only one's own may be changed."""
    if ask.method == "PATCH":
        return empty(204 if ask.arguments["username"] == ask.user.username else 403)
    return reply({"pref-lang": "en"})


def forbidden(_ask: Ask) -> SandboxAnswer:
    """What needs a right that no service account has: replacing usernames, the legacy list of users."""
    raise detail(403, NO_RIGHT)


def no_pending_name(_ask: Ask) -> SandboxAnswer:
    """Nobody waits here for a new name to be confirmed."""
    return empty(404)


def user_row(site: EdxSite, name: str) -> tuple[int, str, str] | None:
    """Id, username and e-mail of the account with this username or e-mail, or None."""
    sql = "SELECT id, username, email FROM users WHERE "
    column = "email" if "@" in name else "username"
    return site.one(f"{sql}{column} = ?", (name,))


def _by_name(site: EdxSite, username: str) -> list[tuple[Any, ...]]:
    return site.all(f"SELECT {_FIELDS} FROM users WHERE username = ?", (username,))


def _account(ask: Ask, row: tuple[Any, ...]) -> dict[str, Any]:
    host = ask.site.features.host
    image: dict[str, Any] = {"has_image": False}
    image |= {f"image_url_{name}": f"{host}/static/images/profiles/default_{size}.png" for name, size in _SIZES}
    privacy = "private" if row[9] is None else "all_users"  # without a year of birth a learner counts as a child
    public = {"account_privacy": privacy, "profile_image": image, "username": row[1]}
    if not ask.user.is_staff and row[0] != ask.user.id:
        return public
    return public | {
        "bio": None, "course_certificates": None, "country": row[6] or None, "date_joined": iso(row[12], 0),
        "language_proficiencies": [], "level_of_education": row[8] or None, "social_links": [], "time_zone": None,
        "name": row[3], "email": row[2], "id": row[0], "verified_name": None, "extended_profile": [],
        "gender": row[7] or None, "state": None, "goals": row[10], "is_active": bool(row[4]),
        "last_login": iso(row[13]), "mailing_address": row[11], "requires_parental_consent": row[9] is None,
        "secondary_email": None, "secondary_email_enabled": None, "year_of_birth": row[9], "phone_number": None,
        "activation_key": row[5] or None, "pending_name_change": None,
    }  # fmt: skip
