"""POST /oauth2/access_token: tokens for an application's user, as JWT or opaque.

Source: openedx/core/djangoapps/oauth_dispatch; reference/openedx-facts.md section 1; the recorded oauth_token_*.
"""

import base64
import binascii
import secrets
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.access import encode_jwt
from connector.sandbox.openedx.answers import Refusal, reply
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.site import MICRO
from connector.sandbox.openedx.throttles import token_limit

SCOPES = "read write email profile"
JWT_SECONDS = 3600
_OPAQUE_SECONDS = 36_000
_GRANTS = ("client_credentials", "password")


def access_token(ask: Ask) -> SandboxAnswer:
    """A new token; nothing is revoked. A JSON body is not read, so its grant type is missing."""
    token_limit(ask.site)
    form = ask.form()
    grant = form.get("grant_type", "")
    if grant not in _GRANTS:
        raise _failed("unsupported_grant_type")
    userid = _application_user(ask, form, grant)
    if grant == "password":
        userid = _password_user(ask, form)
    allowed = SCOPES + (" user_id" if grant == "password" else "")
    scope = form.get("scope", allowed)
    if not set(scope.split()) <= set(allowed.split()):
        raise _failed("invalid_scope")
    as_jwt = (form.get("token_type") or ask.headers.get("x-token-type", "")).lower() == "jwt"
    body = _jwt(ask, userid, scope, grant) if as_jwt else _opaque(ask, userid, scope)
    return reply(body | ({"refresh_token": secrets.token_hex(15)} if grant == "password" else {}))


def _application_user(ask: Ask, form: dict[str, str], grant: str) -> int:
    client, secret = _basic(ask) or (form.get("client_id", ""), form.get("client_secret", ""))
    row = ask.site.one("SELECT client_secret, grant_type, userid FROM applications WHERE client_id = ?", (client,))
    if row is None or (grant == "client_credentials" and row[0] != secret):  # a public client's password grant has none
        header = 'Bearer error="invalid_client"'
        raise Refusal(reply({"error": "invalid_client"}, 401, WWW_Authenticate=header))
    if row[1] != grant:
        raise _failed("unauthorized_client")
    return int(row[2] or 0)


def _basic(ask: Ask) -> tuple[str, str] | None:
    scheme, _space, sent = ask.headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        return None
    try:
        client, _colon, secret = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client, secret


def _password_user(ask: Ask, form: dict[str, str]) -> int:
    name = form.get("username", "")
    row = ask.site.one("SELECT id, password FROM users WHERE username = ? OR email = ?", (name, name))
    if row is None or not row[1] or row[1] != form.get("password"):
        body = {"error": "invalid_grant", "error_description": "Invalid credentials given."}
        raise Refusal(reply(body, 400))
    return int(row[0])


def _jwt(ask: Ask, userid: int, scope: str, grant: str) -> dict[str, Any]:
    row = ask.site.row("SELECT username, email, is_staff, is_superuser FROM users WHERE id = ?", (userid,))
    now, host = ask.site.now(), ask.site.features.host
    claims: dict[str, Any] = {"aud": "openedx", "iss": f"{host}/oauth2", "exp": now + JWT_SECONDS, "iat": now}
    claims |= {"preferred_username": row[0], "scopes": scope.split(), "version": "1.2.0", "filters": []}
    claims |= {"is_restricted": False, "email_verified": True, "email": row[1], "grant_type": grant}
    claims |= {"administrator": bool(row[2]), "superuser": bool(row[3])}
    token = encode_jwt(ask.site, claims)
    return {"access_token": token, "expires_in": JWT_SECONDS, "token_type": "JWT", "scope": scope}


def _opaque(ask: Ask, userid: int, scope: str) -> dict[str, Any]:
    token, expires = secrets.token_hex(15), (ask.site.now() + _OPAQUE_SECONDS) * MICRO
    values = (token, userid, expires)
    ask.site.db.execute("INSERT INTO bearer_tokens (token, userid, expires) VALUES (?, ?, ?)", values)
    return {"access_token": token, "expires_in": _OPAQUE_SECONDS, "token_type": "Bearer", "scope": scope}


def _failed(code: str) -> Refusal:
    return Refusal(reply({"error": code}, 400))
