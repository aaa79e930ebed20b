"""A delivery shown over a real socket: whole, cut, dripping, broken off, or never.

Pauses are bounded: a caller who waits for ever is let go after `Pauses.silence`.
"""

import struct
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from socket import SO_LINGER, SOL_SOCKET
from threading import Event

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.mishaps import Delivery, Ending

_AT_ONCE = struct.pack("ii", 1, 0)  # closing throws away what was not sent yet: the caller sees a reset
_DROPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Seconds: how long silence lasts if the caller does not leave before, and the time between two drops."""

    silence: float = 180.0
    drop: float = 0.25


def show(handler: BaseHTTPRequestHandler, delivery: Delivery, pauses: Pauses, stopped: Event) -> None:
    """Show the caller what became of his request. Broken connections of his are no error here."""
    try:
        match delivery.ending:
            case Ending.WHOLE:
                _write(handler, delivery.answer, len(delivery.answer.body))
            case Ending.HALF:
                _write(handler, _halved(delivery.answer), len(_halved(delivery.answer).body))
            case Ending.BROKEN:
                _write(handler, _halved(delivery.answer), len(delivery.answer.body) + 1)
                handler.close_connection = True
            case Ending.DRIP:
                _drip(handler, delivery.answer, pauses, stopped)
            case Ending.SILENCE:
                _be_silent(handler, pauses)
            case Ending.REFUSED | Ending.RESET:
                _reset(handler)
    except OSError:
        handler.close_connection = True  # the caller has left


def _write(handler: BaseHTTPRequestHandler, answer: SandboxAnswer, announced: int) -> None:
    _write_head(handler, answer, announced)
    handler.wfile.write(answer.body)


def _write_head(handler: BaseHTTPRequestHandler, answer: SandboxAnswer, announced: int) -> None:
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    for name, value in answer.cookies:
        handler.send_header("Set-Cookie", f"{name}={value}; Path=/")
    handler.send_header("Content-Length", str(announced))
    handler.end_headers()


def _halved(answer: SandboxAnswer) -> SandboxAnswer:
    return replace(answer, body=answer.body[: (len(answer.body) + 1) // 2])


def _drip(handler: BaseHTTPRequestHandler, answer: SandboxAnswer, pauses: Pauses, stopped: Event) -> None:
    _write_head(handler, answer, len(answer.body))
    size = max(1, -(-len(answer.body) // _DROPS))
    for start in range(0, len(answer.body), size):
        handler.wfile.flush()
        stopped.wait(pauses.drop)
        handler.wfile.write(answer.body[start : start + size])


def _be_silent(handler: BaseHTTPRequestHandler, pauses: Pauses) -> None:
    handler.close_connection = True
    handler.connection.settimeout(pauses.silence)
    handler.connection.recv(1)  # comes back when the caller gives up; TimeoutError when he never does


def _reset(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.setsockopt(SOL_SOCKET, SO_LINGER, _AT_ONCE)
