"""A Moodle whose answers are a script (tests/wire/scripted.py), and the answers that it gives."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import requests
from requests.adapters import BaseAdapter

from connector.moodle_ws.batch import FUNCTION
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.manners import Manners
from connector.moodle_ws.rights_doctor import PROBED
from connector.sandbox.functions import descriptions
from tests.wire.scripted import Clock, ScriptedWire, Told, body_of

__all__ = ["Clock", "Told"]

TOKEN = "aaaaaaaabbbbbbbbccccccccdddddddd"
RECORDED = Path(__file__).parents[1] / "recorded" / "moodle"


class ScriptedDoor(ScriptedWire[list[tuple[str, str]]]):
    """Keeps the variables of each request's form."""

    def read(self, request: requests.PreparedRequest) -> list[tuple[str, str]]:
        return parse_qsl(body_of(request).decode(), keep_blank_values=True)

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


def reading_site(release: str = "4.5 (Build: 20241007)") -> Told:
    """A site whose service holds what reads: the doctor then asks no more than a test has scripted."""
    return site_info(*(set(descriptions()) - PROBED), release=release)


def good(*values: Any) -> Told:
    """A batch whose calls all went well."""
    return Told(body={"responses": [{"error": False, "data": json.dumps(value)} for value in values]})


def refusal(code: str, message: str = "no") -> Told:
    """A batch whose first call is refused."""
    exception = json.dumps({"errorcode": code, "message": message})
    return Told(body={"responses": [{"error": True, "exception": exception}]})


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
