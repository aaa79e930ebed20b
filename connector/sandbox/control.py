"""A client of the sandbox's control door: moves the clock, runs cron, asks for counts. Standard library only.

The control door is no part of any platform; it exists so that a demo, a training or a test can let time pass.
"""

import json
import urllib.error
import urllib.request
from datetime import datetime
from typing import Any

from connector.errors import AccessDenied, PlatformUnavailable, RequestRefused
from connector.language import _

TOKEN_HEADER = "X-Sandbox-Token"  # noqa: S105 - the name of a header
_TIMEOUT = 120.0  # seconds: 18,000 learners study for two weeks in a few


class SandboxControl:
    """The control door of one running sandbox.

    Raises PlatformUnavailable when no sandbox answers, AccessDenied for a wrong token, RequestRefused for a wrong
    value.
    """

    def __init__(self, url: str, token: str) -> None:
        """`url` as of the site, `token` as in the token file."""
        self._url = url.rstrip("/")
        self._token = token

    def move_to_day(self, number: int) -> dict[str, Any]:
        """Move the clock to 08:00 of this day (1 is 2025-12-01); people study and cron runs. The counts after it."""
        return self._ask("clock", {"day": number})

    def move_to(self, moment: datetime) -> dict[str, Any]:
        """Move the clock to an aware moment; people study and cron runs. The counts after it."""
        return self._ask("clock", {"now": int(moment.timestamp())})

    def run_cron(self) -> dict[str, Any]:
        """Run the site's scheduled tasks now: certificates are issued. The counts after it."""
        return self._ask("cron", {})

    def stop(self) -> None:
        """Stop the sandbox; its state stays in its file."""
        self._ask("stop", {})

    def state(self) -> dict[str, Any]:
        """The counts: day, users, members, enrolments, completions, issues, requests by function. Reads only."""
        return self._ask("state", None)

    def _ask(self, what: str, body: dict[str, Any] | None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the address of the configuration, only for the sandbox
            f"{self._url}/sandbox/{what}",
            data=None if body is None else json.dumps(body).encode(),
            headers={TOKEN_HEADER: self._token, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - see above
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, self._url) from None
        except OSError:
            raise PlatformUnavailable(
                _("No sandbox answers at {url}.").format(url=self._url),
                hint=_("Start one with 'connector sandbox'."),
            ) from None
        return found


def _refusal(status: int, url: str) -> AccessDenied | RequestRefused:
    if status == 403:  # noqa: PLR2004 - HTTP
        return AccessDenied(
            _("The sandbox at {url} does not know this token.").format(url=url),
            hint=_("Use the token file that this sandbox wrote at its start."),
        )
    return RequestRefused(
        str(status), _("The sandbox at {url} refused the command (HTTP {status}).").format(url=url, status=status)
    )
