"""Who a request acts as: JWT, opaque bearer token or login cookie, and what each kind of view makes of them.

Source: reference/openedx-facts.md section 0 (auth header, which views take what, 401, cookies); the recorded auth_*.
"""

import base64
import hashlib
import hmac
import json
import secrets
from enum import Enum
from http.cookies import CookieError, SimpleCookie
from typing import Any

from connector.sandbox.openedx.answers import Refusal, Style, page, reply
from connector.sandbox.openedx.asking import Ask, Caller
from connector.sandbox.openedx.site import MICRO, EdxSite

REALM = 'JWT realm="api"'
_SAFE = ("GET", "HEAD", "OPTIONS")


class Auth(Enum):
    """Which proofs of identity a view takes."""

    PUBLIC = "nobody is asked"
    OPEN = "anybody, but a token is read"
    ANY = "JWT, bearer token or login cookie"
    DEFAULT = "JWT or login cookie"  # DRF defaults: an opaque bearer token counts as nothing
    LOGIN_PAGE = "JWT or login cookie, and everybody else is sent to the login page"
    COOKIE = "login cookie with CSRF token"  # a plain Django view


def encode_jwt(site: EdxSite, claims: dict[str, Any]) -> str:
    """A JWT signed with the site's secret (HS256)."""
    head = _b64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = _b64(json.dumps(claims).encode())
    return f"{head}.{body}.{_signature(site, head, body)}"


def open_session(site: EdxSite, userid: int) -> tuple[str, str]:
    """A new login: its session id and CSRF token."""
    sessionid, csrf = secrets.token_hex(16), secrets.token_hex(16)
    site.db.execute("INSERT INTO sessions (sessionid, userid, csrf) VALUES (?, ?, ?)", (sessionid, userid, csrf))
    return sessionid, csrf


def caller_of(site: EdxSite, userid: int) -> Caller:
    """The account with its rights."""
    row = site.row("SELECT id, username, email, is_staff, is_superuser FROM users WHERE id = ?", (userid,))
    roles = frozenset(site.all("SELECT course, role FROM course_roles WHERE userid = ?", (userid,)))
    staff = bool(row[3] or row[4])
    return Caller(id=row[0], username=row[1], email=row[2], is_staff=staff, is_superuser=bool(row[4]), roles=roles)


def session_user(ask: Ask) -> int | None:
    """The account whose login cookies came along, whatever else did."""
    found = ask.site.one("SELECT userid FROM sessions WHERE sessionid = ?", (_cookie(ask, "sessionid"),))
    return found[0] if found else None


def identify(ask: Ask, auth: Auth, stranger: str = "Authentication credentials were not provided.") -> None:
    """Put the caller into the request, or refuse it as the kind of view does."""
    if auth is Auth.PUBLIC:
        return
    if auth is Auth.COOKIE:
        ask.caller = _plain_django(ask)
        return
    userid = _token_user(ask, auth)
    if userid is None:
        userid = _cookie_user(ask)
    if userid is not None:
        ask.caller = caller_of(ask.site, userid)
    elif auth not in (Auth.OPEN, Auth.LOGIN_PAGE):
        raise unauthorised(ask.style, stranger)


def unauthorised(style: Style, text: str) -> Refusal:
    """401; views with DeveloperErrorViewMixin leave the WWW-Authenticate header out."""
    if style is Style.DEVELOPER:
        return Refusal(reply({"developer_message": text}, 401))
    return Refusal(reply({"detail": text}, 401, WWW_Authenticate=REALM))


def _token_user(ask: Ask, auth: Auth) -> int | None:
    scheme, _space, token = ask.headers.get("authorization", "").partition(" ")
    if scheme == "JWT":
        return _jwt_user(ask, token)
    if scheme == "Bearer" and auth not in (Auth.DEFAULT, Auth.LOGIN_PAGE):
        return _bearer_user(ask, token)
    return None


def _jwt_user(ask: Ask, token: str) -> int:
    head, _dot, rest = token.partition(".")
    body, _dot, signature = rest.partition(".")
    if hmac.compare_digest(signature.encode(), _signature(ask.site, head, body).encode()):
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        found = ask.site.one("SELECT id FROM users WHERE username = ?", (claims["preferred_username"],))
        if found and claims["exp"] > ask.site.now():
            return int(found[0])
    raise unauthorised(ask.style, "Invalid token.")


def _bearer_user(ask: Ask, token: str) -> int:
    found = ask.site.one("SELECT userid, expires FROM bearer_tokens WHERE token = ?", (token,))
    if found is None:
        text = "The provided access token does not match any valid tokens."
        body = {"error_code": "token_nonexistent", "developer_message": text}
        raise Refusal(reply(body, 401, WWW_Authenticate=REALM))
    if found[1] <= ask.site.now() * MICRO:
        body = {"error_code": "token_expired", "developer_message": "The provided access token has expired."}
        raise Refusal(reply(body, 401, WWW_Authenticate=REALM))
    return int(found[0])


def _cookie_user(ask: Ask) -> int | None:
    userid = session_user(ask)
    if userid is not None and ask.method not in _SAFE and not has_csrf(ask):
        raise Refusal(reply({ask.style.value: "CSRF Failed: CSRF token missing."}, 403))
    return userid


def _plain_django(ask: Ask) -> Caller | None:
    if ask.method not in _SAFE and not has_csrf(ask):
        raise Refusal(page(403))
    userid = session_user(ask)
    return None if userid is None else caller_of(ask.site, userid)


def has_csrf(ask: Ask) -> bool:
    """Whether the CSRF cookie and header agree."""
    sent = ask.headers.get("x-csrftoken", "")
    return bool(sent) and sent == _cookie(ask, "csrftoken")


def _cookie(ask: Ask, name: str) -> str:
    try:
        morsel = SimpleCookie(ask.headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _signature(site: EdxSite, head: str, body: str) -> str:
    found = site.one("SELECT value FROM config WHERE name = 'secret'")
    secret = str(found[0]) if found else ""
    return _b64(hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
