"""Accounts one by one: registration, its dry check, activation, and login with a cookie.

Source: openedx/core/djangoapps/user_authn/views/register.py; reference/openedx-facts.md section 2; registration_*.
"""

import re
import secrets
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.access import has_csrf, open_session
from connector.sandbox.openedx.allowed import enrol_allowed
from connector.sandbox.openedx.answers import Refusal, page, redirect, reply, with_cookies
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.countries import COUNTRIES
from connector.sandbox.openedx.site import EdxSite
from connector.sandbox.openedx.throttles import registration_limit, validation_limit

EMAIL_TAKEN = "This email is already associated with an existing account"
NAME_TAKEN = "It looks like this username is already taken"
BAD_NAME = "Usernames can only contain letters (A-Z, a-z), numerals (0-9), underscores (_), and hyphens (-)."
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_NAME_LENGTHS = range(2, 31)
_PASSWORD_LENGTH = 8  # the measured site's policy
_PROFILE = ("country", "gender", "level_of_education", "goals", "mailing_address", "city")


def register(ask: Ask) -> SandboxAnswer:
    """A new account, logged in by the answer's cookies and inactive until its e-mail is confirmed. Form body only."""
    registration_limit(ask.site)
    form = ask.form()
    _refuse_duplicates(ask.site, form)
    wrong = _wrong_fields(form)
    if wrong:
        raise Refusal(reply({name: [{"user_message": text}] for name, text in wrong.items()} | _code(), 400))
    if form.get("country") and form["country"] not in COUNTRIES:
        text = "Select your country or region of residence"
        raise Refusal(reply({"country": [{"user_message": text}]} | _code("invalid-country"), 400))
    userid = _register(ask.site, form)
    who = {"username": form["username"], "full_name": form["name"], "user_id": userid}
    body = {"authenticated_user": who, "success": True, "redirect_url": f"{ask.site.features.host}/dashboard"}
    return with_cookies(reply(body), *_login(ask.site, userid))


def registration_form(ask: Ask) -> SandboxAnswer:
    """The form's description; v1 asks for the e-mail twice. Only the fields' names and kinds are like the real ones."""
    names = ["name", "username", "email", *([] if "/v2/" in ask.path else ["confirm_email"]), "password", "country"]
    fields = [{"name": name, "type": "text", "required": name != "country"} for name in names]
    return reply({"method": "post", "submit_url": ask.path, "fields": fields})


def validate(ask: Ask) -> SandboxAnswer:
    """What registration would say of each field sent; nothing is written."""
    validation_limit(ask.site)
    data = ask.data()
    decisions = {name: _decision(ask.site, name, str(value)) for name, value in data.items()}
    body: dict[str, Any] = {"validation_decisions": decisions}
    if decisions.get("username") == NAME_TAKEN:
        body["username_suggestions"] = _suggestions(str(data["username"]))
    return reply(body)


def activate(ask: Ask) -> SandboxAnswer:
    """The page behind the link in the activation mail: makes the account active, and does what waited for it."""
    row = ask.site.one("SELECT id FROM users WHERE activation_key = ?", (ask.arguments["key"],))
    if row:
        activate_user(ask.site, row[0])
    return redirect(302, "/dashboard")


def activate_user(site: EdxSite, userid: int) -> None:
    """Make an account active and enrol it where its e-mail was allowed beforehand."""
    site.db.execute("UPDATE users SET is_active = 1 WHERE id = ?", (userid,))
    enrol_allowed(site, userid)


def login(ask: Ask) -> SandboxAnswer:
    """Log in with a password; needs a CSRF cookie and header."""
    if not has_csrf(ask):
        return page(403)
    form = ask.form()
    name = form.get("email_or_username", "")
    row = ask.site.one("SELECT id, password, is_active, email FROM users WHERE username = ? OR email = ?", (name, name))
    if row is None or not row[1] or row[1] != form.get("password"):
        body = {"success": False, "value": "Email or password is incorrect.", "context": {"failure_count": 1}}
        return reply(body | _code("incorrect-email-or-password") | {"email": name}, 400)
    if not row[2]:
        context = {"platformName": "Open edX", "supportLink": ""}
        body = {"success": False, "value": "None", "context": context, "email": row[3]}
        return reply(body | _code("inactive-user"), 400)
    return with_cookies(reply({"success": True, "redirect_url": None}), *_login(ask.site, row[0]))


def csrf_token(_ask: Ask) -> SandboxAnswer:
    """A CSRF token, in the body and as a cookie."""
    token = secrets.token_hex(32)
    return with_cookies(reply({"csrfToken": token}), ("csrftoken", token))


def add_user(site: EdxSite, username: str, email: str, name: str, **more: Any) -> int:
    """A new account in the tables; its id. `more` are further columns."""
    now = site.moment()
    columns = {"username": username, "email": email, "name": name, "date_joined": now} | more
    columns.setdefault("activation_key", secrets.token_hex(16))
    names = ", ".join(columns)
    cursor = site.db.execute(
        f"INSERT INTO users ({names}) VALUES ({', '.join('?' * len(columns))})", tuple(columns.values())
    )
    return int(cursor.lastrowid or 0)


def is_email(text: str) -> bool:
    """Whether the platform takes the text for an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def is_username(text: str) -> bool:
    """Whether the platform allows the text as a username, whatever its length."""
    return _NAME.fullmatch(text) is not None


def _register(site: EdxSite, form: dict[str, str]) -> int:
    profile: dict[str, Any] = {name: form.get(name, "") for name in _PROFILE}
    year = form.get("year_of_birth", "")
    profile |= {"password": form["password"], "is_active": int(site.features.skip_email_validation)}
    profile |= {"year_of_birth": int(year) if year.isdigit() else None, "last_login": site.moment()}
    userid = add_user(site, form["username"], form["email"], form["name"], **profile)
    if site.features.skip_email_validation:
        enrol_allowed(site, userid)
    return userid


def _login(site: EdxSite, userid: int) -> list[tuple[str, str]]:
    sessionid, csrf = open_session(site, userid)
    site.db.execute("UPDATE users SET last_login = ? WHERE id = ?", (site.moment(), userid))
    names = ("edx-jwt-cookie-header-payload", "edx-jwt-cookie-signature", "edx-user-info")
    marks = [(name, secrets.token_hex(8)) for name in names]
    return [("csrftoken", csrf), ("sessionid", sessionid), ("edxloggedin", "true"), *marks]


def _refuse_duplicates(site: EdxSite, form: dict[str, str]) -> None:
    email, name = form.get("email", ""), form.get("username", "")
    body: dict[str, Any] = {}
    if email and site.one("SELECT 1 FROM users WHERE email = ?", (email,)):
        body["email"] = [{"user_message": EMAIL_TAKEN}]
    if name and site.one("SELECT 1 FROM users WHERE username = ?", (name,)):
        body |= {"username": [{"user_message": NAME_TAKEN}], "username_suggestions": _suggestions(name)}
    kinds = [kind for kind in ("email", "username") if kind in body]
    if kinds:
        raise Refusal(reply(body | _code("-".join(["duplicate", *kinds])), 409))


def _wrong_fields(form: dict[str, str]) -> dict[str, str]:
    honest = form.get("honor_code") == "true"
    messages = {name: _fault(name, form.get(name, "")) for name in ("username", "email", "password", "name")}
    if form.get("terms_of_service", form.get("honor_code")) != "true":
        messages["terms_of_service"] = "You must accept the terms of service."
    if not honest:
        messages["honor_code"] = "To enroll, you must follow the honor code."
    return {name: text for name, text in messages.items() if text}


def _fault(name: str, value: str) -> str:
    if name == "username" and len(value) not in _NAME_LENGTHS:
        return "Username must be between 2 and 30 characters long."
    if name == "username" and not is_username(value):
        return BAD_NAME
    if name == "email" and not is_email(value):
        return "A properly formatted e-mail is required"
    if name == "password" and len(value) < _PASSWORD_LENGTH:
        return "This password is too short. It must contain at least 8 characters."
    return "Your legal name must be a minimum of one character long" if name == "name" and not value else ""


def _decision(site: EdxSite, name: str, value: str) -> str:
    if name == "email" and site.one("SELECT 1 FROM users WHERE email = ?", (value,)):
        return EMAIL_TAKEN
    if name == "username" and site.one("SELECT 1 FROM users WHERE username = ?", (value,)):
        return NAME_TAKEN
    return _fault(name, value)


def _suggestions(name: str) -> list[str]:
    stem = re.sub(r"[^A-Za-z0-9]", "", name)[:24]
    return [f"{stem}_{secrets.randbelow(10**digits)}" for digits in (1, 2, 3)]


def _code(code: str = "validation-error") -> dict[str, str]:
    return {"error_code": code}
