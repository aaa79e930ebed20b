"""Values as Moodle prints them: JSON with PHP's escapes, XML with every declared key.

Source: reference/moodle-ws-facts.md sections 1.3 and 1.4, webservice/rest/locallib.php, the recorded `*.xml` answers.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.faults import MoodleFault
from connector.sandbox.schema import Node

_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), check_circular=False)
_PROLOG = '<?xml version="1.0" encoding="UTF-8" ?>\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxAnswer:
    """An HTTP answer: status, headers, body, and the cookies it sets as (name, value)."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cookies: tuple[tuple[str, str], ...] = ()


def php_json(value: Any) -> str:
    """The value as PHP's json_encode writes it: slashes and all letters beyond ASCII escaped."""
    return _JSON.encode(value).replace("/", "\\/")


def json_result(value: Any) -> SandboxAnswer:
    """A function's cleaned result as JSON."""
    return _answer("application/json", "response.json", php_json(value))


def json_fault(fault: MoodleFault) -> SandboxAnswer:
    """An exception as JSON, with HTTP 200; no error code for a PHP error."""
    body: dict[str, Any] = {"exception": fault.exception, "errorcode": fault.errorcode, "message": fault.message}
    return json_result({key: value for key, value in body.items() if value is not None})


def xml_result(value: Any, tree: Node | None) -> SandboxAnswer:
    """A function's cleaned result as XML: every key of the declared tree is there, absent ones as nulls."""
    parts = [_PROLOG, "<RESPONSE>\n"]
    if tree is not None:
        _print(parts, value, tree)
    parts.append("</RESPONSE>\n")
    return _answer("application/xml; charset=utf-8", "response.xml", "".join(parts))


def xml_fault(fault: MoodleFault) -> SandboxAnswer:
    """An exception as XML, with HTTP 200."""
    code = "" if fault.errorcode is None else f"<ERRORCODE>{_escape(fault.errorcode)}</ERRORCODE>\n"
    text = f'<EXCEPTION class="{fault.exception}">\n{code}<MESSAGE>{_escape(fault.message)}</MESSAGE>\n</EXCEPTION>\n'
    return _answer("application/xml; charset=utf-8", "response.xml", _PROLOG + text)


def page(status: int, html: str, **headers: str) -> SandboxAnswer:
    """A page for people: what Moodle answers where no web service is spoken."""
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    return SandboxAnswer(
        status=status, headers={"Content-Type": "text/html; charset=utf-8", **extra}, body=html.encode()
    )


def _answer(content_type: str, filename: str, body: str) -> SandboxAnswer:
    headers = {
        "Content-Type": content_type,
        "Content-Disposition": f'inline; filename="{filename}"',
        "Cache-Control": "private, must-revalidate, pre-check=0, post-check=0, max-age=0",
        "Access-Control-Allow-Origin": "*",
    }
    return SandboxAnswer(status=200, headers=headers, body=body.encode())


def _print(parts: list[str], value: Any, node: Node) -> None:
    if "list" in node:
        parts.append("<MULTIPLE>\n")
        for item in value or ():
            _print(parts, item, node["list"])
        parts.append("</MULTIPLE>\n")
    elif "keys" in node:
        parts.append("<SINGLE>\n")
        for name, inner in node["keys"].items():
            parts.append(f'<KEY name="{name}">')
            _print(parts, None if value is None else value.get(name), inner)
            parts.append("</KEY>\n")
        parts.append("</SINGLE>\n")
    else:
        parts.append('<VALUE null="null"/>\n' if value is None else f"<VALUE>{_leaf(value)}</VALUE>\n")


def _leaf(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return _escape(str(value))


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
