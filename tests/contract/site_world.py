"""A real Moodle as a world of the contract suite, so that fake, sandbox and site are held to the same promises.

    CONNECTOR_TEST_MOODLE_URL=http://127.0.0.1:8099 CONNECTOR_TEST_MOODLE_TOKEN=... \\
    pytest -n 0 tests/contract -k moodle_site

The site stands on this machine, since tests reach no other, and has the courses, activities and the group of
`tests.contract.worlds` (the quiz with 10 points, 5 to pass). The token is an administrator's, for a service that also
holds the functions named below. Everything that the suite makes is named `contract-...` and is deleted before and after
each test. The issue of a certificate needs the site's cron: CONNECTOR_TEST_MOODLE_CRON is a command that runs the
plugin's task once.
"""

import os
import subprocess
from datetime import UTC, datetime
from typing import ClassVar

import pytest
import requests
from pydantic import AnyHttpUrl, SecretStr

from connector.lms import LmsClient
from connector.model import TopicRef
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.lms import open_moodle
from connector.settings import Site
from tests.contract.worlds import COURSE, GATE, PREFIX, MoodleNames, appoint

URL, TOKEN, CRON = (os.environ.get(f"CONNECTOR_TEST_MOODLE_{name}", "") for name in ("URL", "TOKEN", "CRON"))
MOST_PEOPLE = 60


class SiteWorld(MoodleNames):
    """MoodleLms on the site of the environment."""

    named: ClassVar = bool(URL and TOKEN)

    def __init__(self) -> None:
        self._teacher = MoodleWs(requests.Session(), URL, TOKEN)
        self.close()
        self._ids = Ids(self._teacher)
        self.lms = self.forget()

    def forget(self) -> LmsClient:
        return open_moodle("site", Site(url=AnyHttpUrl(URL), token=SecretStr(TOKEN)))

    def close(self) -> None:
        """Delete what tests of this suite have made on the site, now or earlier."""
        names = [f"{PREFIX}{number}" for number in range(MOST_PEOPLE)]
        people = list(Ids(self._teacher).known(names).values())
        if people:
            self._teacher.call("core_user_delete_users", {"userids": people}, writes=True)
        rows = self._teacher.call("core_cohort_get_cohorts", writes=False)
        cohorts = [int(row["id"]) for row in rows if str(row["idnumber"]).startswith(PREFIX)]
        if cohorts:
            self._teacher.call("core_cohort_delete_cohorts", {"cohortids": cohorts}, writes=True)

        rows = Ids(self._teacher).group_rows(COURSE)
        groups = [int(row["id"]) for row in rows if str(row["idnumber"]).startswith(PREFIX)]
        if groups:
            self._teacher.call("core_group_delete_groups", {"groupids": groups}, writes=True)

    def _cmid(self, ref: TopicRef) -> int:
        """The activity itself, or the only one of the course, which completes it."""
        activities = self._ids.activities(ref.course)
        return activities[ref.activity].cmid if ref.activity else next(iter(activities.values())).cmid

    def complete(self, username: str, ref: TopicRef) -> datetime:
        answer = self._teacher.call(
            "core_completion_override_activity_completion_status",
            {"userid": self._ids.known([username])[username], "cmid": self._cmid(ref), "newstate": 1},
            writes=True,
        )
        return datetime.fromtimestamp(answer["timecompleted"], UTC)

    def grade(self, username: str, ref: TopicRef, points: int) -> None:
        parameters = {
            "source": "contract",
            "courseid": self._ids.course(ref.course),
            "component": "mod_quiz",
            "activityid": self._cmid(ref),
            "itemnumber": 0,
            "grades": [{"studentid": self._ids.known([username])[username], "grade": points}],
        }
        assert self._teacher.call("core_grades_update_grades", parameters, writes=True) == 0

    def appoint(self, username: str) -> None:
        appoint(self._teacher, self._ids.course(COURSE), self._ids.known([username])[username])

    def issue(self, username: str) -> datetime:
        if not CRON:
            pytest.skip("CONNECTOR_TEST_MOODLE_CRON names no command that issues certificates")
        assert all(result.ok for result in self.lms.grant_certificates(GATE, [username]))
        subprocess.run(CRON, shell=True, check=True, capture_output=True)
        return next(item.issued_at for item in self.lms.certificate_issues(GATE, None) if item.username == username)
