"""Answers in the shapes of Open edX: four kinds of JSON error, HTML pages, and bodies that are empty.

A refusal that is raised rolls the request back, as DRF's exceptions do; an answer that is returned keeps what was
written, whatever its status. Source: reference/openedx-facts.md section 0, "four error shapes" and "transactions".
"""

import json
from dataclasses import replace
from enum import Enum
from typing import Any

from connector.sandbox.answers import SandboxAnswer

HTML = "text/html; charset=utf-8"
_PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"


class Style(Enum):
    """The key that a view's errors stand under."""

    DETAIL = "detail"
    DEVELOPER = "developer_message"


class Refusal(Exception):
    """An answer that rolls back what the request has written."""

    def __init__(self, answer: SandboxAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def reply(body: Any, status: int = 200, **headers: str) -> SandboxAnswer:
    """A JSON answer; header names with underscores for dashes."""
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return SandboxAnswer(status=status, headers={"Content-Type": "application/json"} | extra, body=text.encode())


def empty(status: int = 200) -> SandboxAnswer:
    """An answer with no body and no content type."""
    return SandboxAnswer(status=status)


def page(status: int, text: str | None = None, **headers: str) -> SandboxAnswer:
    """An HTML page; `text` in place of the whole page where the platform sends bare text."""
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    body = _PAGE.format(status) if text is None else text
    return SandboxAnswer(status=status, headers={"Content-Type": HTML} | extra, body=body.encode())


def redirect(status: int, location: str) -> SandboxAnswer:
    """A redirect with an empty page."""
    return page(status, "", Location=location)


def error(style: Style, status: int, text: str, code: str = "") -> SandboxAnswer:
    """An error under the view's key, with an error_code where there is one."""
    return reply({style.value: text} | ({"error_code": code} if code else {}), status)


def developer(status: int, text: str, code: str = "") -> Refusal:
    """A refusal of a view with DeveloperErrorViewMixin."""
    return Refusal(error(Style.DEVELOPER, status, text, code))


def detail(status: int, text: str) -> Refusal:
    """A refusal of a plain DRF view."""
    return Refusal(error(Style.DETAIL, status, text))


def field_error(name: str, text: str) -> Refusal:
    """A refused query parameter of a list of enrolments."""
    return Refusal(reply({"field_errors": {name: {"developer_message": text}}}, 400))


def with_cookies(answer: SandboxAnswer, *cookies: tuple[str, str]) -> SandboxAnswer:
    """The answer with cookies set as well."""
    return replace(answer, cookies=answer.cookies + cookies)
