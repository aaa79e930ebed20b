"""One request as a view sees it: who asks, for which course, with which parameters."""

import json
import re
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from connector.sandbox.openedx.answers import Refusal, Style, detail, empty, error
from connector.sandbox.openedx.site import EdxSite

COURSE_KEY = re.compile(r"course-v1:[^/+,]+\+[^/+,]+\+[^/+,]+")
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
BLANK, REQUIRED = "This field may not be blank.", "This field is required."
NO_RIGHT = "You do not have permission to perform this action."


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The account that a request acts as."""

    id: int
    username: str
    email: str
    is_staff: bool
    is_superuser: bool
    roles: frozenset[tuple[str, str]] = frozenset()  # (course, role)


@dataclass(slots=True, kw_only=True)
class Ask:
    """A request on its way to a view."""

    site: EdxSite
    method: str
    path: str
    query: dict[str, str]
    raw_query: str
    headers: dict[str, str]  # names in lower case
    body: bytes
    style: Style = Style.DETAIL
    caller: Caller | None = None
    arguments: dict[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """The media type of the body, without its parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip()

    @property
    def user(self) -> Caller:
        """The caller of a view that lets nobody anonymous in."""
        if self.caller is None:
            raise detail(401, "Authentication credentials were not provided.")
        return self.caller

    @property
    def course(self) -> str:
        """The course key in the path."""
        return self.arguments["course"]

    def need_staff(self) -> None:
        """Refuse everybody but global staff, with 403."""
        self.need(self.user.is_staff)

    def need(self, right: object) -> None:
        """Refuse with 403 in the view's own shape where the right is lacking."""
        if not right:
            raise Refusal(error(self.style, 403, NO_RIGHT))

    def need_or_hide(self, right: object) -> None:
        """Refuse with an empty 404, as views do that deny the thing's existence."""
        if not right:
            raise Refusal(empty(404))

    def has_role(self, *roles: str) -> bool:
        """Global staff, or one of the roles in the course of the path."""
        return self.user.is_staff or any((self.course, role) in self.user.roles for role in roles)

    def data(self) -> Any:
        """The body as DRF parses it: JSON, a form or a multipart form; nothing sent is an empty dict."""
        if self.content_type in (FORM, MULTIPART):
            return self.form()
        if not self.body:
            return {}
        try:
            return json.loads(self.body)
        except ValueError as problem:
            raise detail(400, f"JSON parse error - {problem}") from problem

    def form(self) -> dict[str, str]:
        """The fields of a form body; {} for a JSON body, which plain Django does not read."""
        if self.content_type == FORM:
            return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
        return {name: text for name, (file, text) in self._parts().items() if not file}

    def file(self, name: str) -> tuple[str, str] | None:
        """An uploaded file's name and text, or None."""
        return next(((file, text) for key, (file, text) in self._parts().items() if key == name and file), None)

    def _parts(self) -> dict[str, tuple[str, str]]:
        if self.content_type != MULTIPART:
            return {}
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parts: dict[str, tuple[str, str]] = {}
        for part in BytesParser(policy=HTTP).parsebytes(head + self.body).walk():
            name = part.get_param("name", header="content-disposition")
            if isinstance(name, str):
                payload = part.get_payload(decode=True)
                text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
                parts[name] = (part.get_filename() or "", text)
        return parts


def number(text: str | None, default: int) -> int:
    """A whole number above zero of the query, or the default where there is none."""
    return int(text) if text and text.isdigit() and int(text) > 0 else default
