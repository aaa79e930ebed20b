"""A door for one Moodle client under test: each request is kept, and answered by the next entry of a script.

For what a well-behaved platform never does. Everything else is tested on the sandbox (tests/fakes/sandbox_door.py).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from connector.moodle_ws.batch import FUNCTION
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.manners import Manners
from connector.sandbox.functions import descriptions

TOKEN = "aaaaaaaabbbbbbbbccccccccdddddddd"
RECORDED = Path(__file__).parents[1] / "recorded" / "moodle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One HTTP answer. `body` that is no bytes is sent as JSON."""

    body: Any = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def payload(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Entry = Told | Exception | Callable[[list[tuple[str, str]]], Told]


class ScriptedDoor(BaseAdapter):
    """Answers requests by a script; when it has run out, the test is wrong and says so."""

    def __init__(self, *script: Entry) -> None:
        super().__init__()
        self.script = list(script)
        self.asked: list[list[tuple[str, str]]] = []
        self.timeouts: list[Any] = []

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        body = request.body or b""
        variables = parse_qsl(body.decode() if isinstance(body, bytes) else body, keep_blank_values=True)
        self.asked.append(variables)
        self.timeouts.append(timeout)
        assert self.script, f"nobody expected {variables}"
        entry = self.script.pop(0)
        if isinstance(entry, requests.RequestException):
            entry.request = request  # as requests itself does: the request holds the token
        if isinstance(entry, Exception):
            raise entry
        told = entry if isinstance(entry, Told) else entry(variables)
        raw = HTTPResponse(
            body=BytesIO(told.payload),
            headers={"Content-Type": told.content_type, **told.headers},
            status=told.status,
            preload_content=False,
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""

    def inner(self, index: int) -> list[tuple[str, Any]]:
        """The inner calls of one request: function and arguments."""
        asked = dict(self.asked[index])
        functions = [value for name, value in self.asked[index] if name.endswith("[function]")]
        return [(name, json.loads(asked[f"requests[{number}][arguments]"])) for number, name in enumerate(functions)]


def site_info(*functions: str, batches: bool = True, release: str = "4.5 (Build: 20241007)") -> Told:
    """The answer of core_webservice_get_site_info, with all known functions unless some are named."""
    names = list(functions) or list(descriptions())
    if batches and FUNCTION not in names:
        names.append(FUNCTION)
    if not batches:
        names = [name for name in names if name != FUNCTION]
    listed = [{"name": name, "version": "2024100700"} for name in names]
    return Told(body={"username": "service", "userid": 9, "release": release, "functions": listed})


def good(*values: Any) -> Told:
    """A batch whose calls all went well."""
    return Told(body={"responses": [{"error": False, "data": json.dumps(value)} for value in values]})


def refusal(code: str, message: str = "no") -> Told:
    """A batch whose first call is refused."""
    exception = json.dumps({"errorcode": code, "message": message})
    return Told(body={"responses": [{"error": True, "exception": exception}]})


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def client(door: BaseAdapter, clock: Clock | None = None, **manners: Any) -> MoodleWs:
    """A client whose network is this door, with these manners."""
    time = clock or Clock()
    session = requests.Session()
    session.mount("https://", door)
    return MoodleWs(
        session, "https://moodle.test/mooc/", TOKEN, manners=Manners(**manners), sleep=time.sleep, clock=time
    )


def ids_of(door: BaseAdapter, **users: int) -> Ids:
    """Ids over this door that know these users ('u0912' is read as '0912')."""
    return Ids(client(door), users={name.lstrip("u"): number for name, number in users.items()})


def recorded(file: str) -> Iterator[dict[str, Any]]:
    """The recorded calls of one file, in order."""
    with (RECORDED / f"{file}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def recorded_body(name: str, files: Sequence[str] = ("calls", "reports", "certificate_gate", "few_rights")) -> Any:
    """The JSON body of the recorded call of this name."""
    for file in files:
        for call in recorded(file):
            if call["name"] == name:
                return json.loads(call["body"])
    raise LookupError(name)
