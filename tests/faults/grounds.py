"""The platforms that a campaign can be played on: how each is made, opened and looked at."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Protocol

from pydantic import AnyHttpUrl, SecretStr

from connector.context import Context
from connector.lms import LmsClient
from connector.moodle_ws.batch import FUNCTION as BATCH
from connector.moodle_ws.lms import open_moodle
from connector.openedx.lms import open_openedx
from connector.sandbox.building import add_token
from connector.sandbox.content import day, seed_site
from connector.sandbox.functions import FUNCTIONS
from connector.sandbox.moodle import MoodleSandbox
from connector.sandbox.openedx.allowed import write_enrolment
from connector.sandbox.openedx.platform import OpenEdxSandbox
from connector.sandbox.openedx.programme import CLIENT, COURSE, prepared, seed_programme
from connector.sandbox.openedx.registration import add_user
from connector.sandbox.openedx.site import EdxSite
from connector.sandbox.site import Site
from connector.settings import Site as SiteSettings
from connector.sync.plan import Plan
from tests.faults import checks, edx_checks
from tests.faults.checks import Corrected
from tests.faults.people import Roster

TOKEN = "5ec2e7" * 5 + "00"
LAST_DAY = 16
BY_HAND = "0999000001"

Box = MoodleSandbox | OpenEdxSandbox
Clock = Callable[[], float]


class Checks(Protocol):
    """What is looked at after a clean run; each gives its findings in words. `site` is the pretend platform's own."""

    def findings(self, ctx: Context, site: Any, roster: Roster, log: str, secrets: Sequence[str]) -> list[str]: ...
    def provided(self, ctx: Context, site: Any, roster: Roster) -> Iterable[str]: ...
    def certified(self, ctx: Context, site: Any, corrected: Corrected = ...) -> Iterable[str]: ...
    def left_over(self, plan: Plan, site: Any, roster: Roster) -> Iterable[str]: ...
    def issued(self, site: Any) -> int: ...
    def welcomes_repeated(self, site: Any, roster: Roster) -> int: ...


class Opener(Protocol):
    """Opens the platform's client, over an adapter of requests or over the network."""

    def __call__(self, key: str, site: SiteSettings, **more: Any) -> LmsClient: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One platform: `last` is the moment (epoch) of the last day's jobs, `keys` are those of the site's configuration.

    `fresh` makes a site with somebody by hand, whose traits the dice decide; `revive` one from a copy of its database,
    like another one.
    """

    name: str
    site_key: str
    programme: str
    last: int
    credential: str
    keys: Mapping[str, Any]
    fresh: Callable[[int, Random, Clock], Box]
    revive: Callable[[bytes, Box], Box]
    open: Opener
    checks: Checks

    def settings(self, url: str, secret: str | Path, **more: Any) -> SiteSettings:
        """The site's section: the secret itself, or the file that holds it."""
        key = self.credential + ("_file" if isinstance(secret, Path) else "")
        value = secret if isinstance(secret, Path) else SecretStr(secret)
        return SiteSettings.model_validate({"url": AnyHttpUrl(url), key: value, **self.keys, **more})


def _moodle(seed: int, dice: Random, _clock: Clock) -> MoodleSandbox:
    site = Site(":memory:")
    seed_site(site, token=TOKEN, seed=seed)
    site.db.execute(
        "INSERT INTO users (id, username, auth, firstname, lastname, email, emailkey, timecreated, heap)"
        f" VALUES (1000000, '{BY_HAND}', 'manual', 'Tay', 'Làm', 'a@b.vn', 'a@b.vn', 0, 1)"
    )
    site.db.execute("INSERT INTO cohorts (id, category, name, idnumber, heap) VALUES (1, 0, 'Tay', 'by-hand', 1)")
    site.db.execute("INSERT INTO cohort_members VALUES (1, 1000000, 0)")
    if dice.random() < 1 / 8:  # a service without the batch function: lists travel as form variables
        add_token(site, TOKEN, functions=" ".join(sorted(set(FUNCTIONS) - {BATCH})))
    return MoodleSandbox(site)


def _moodle_again(kept: bytes, _like: Box) -> MoodleSandbox:
    site = Site(":memory:")
    site.db.deserialize(kept)
    return MoodleSandbox(site)


def _openedx(seed: int, dice: Random, clock: Clock) -> OpenEdxSandbox:
    """One in four has no bulk enrolment, one in four offers audit: then people are enrolled one by one, throttled."""
    site = EdxSite(":memory:", prepared(), ticks=clock)
    seed_programme(site, secret=TOKEN, seed=seed)
    site.features.bulk_enrolment = dice.random() >= 1 / 4
    if dice.random() < 1 / 4:
        site.db.execute("INSERT INTO modes (course, slug, name) VALUES (?, 'audit', 'Audit')", (COURSE,))
    site.features.csv_signup_extra = dice.random() >= 1 / 8
    userid = add_user(site, BY_HAND, "a@b.vn", "Làm Tay", is_active=1)
    write_enrolment(site, userid, COURSE, "honor", active=True)
    sql = "INSERT INTO cohorts (id, course, name, assignment_type) VALUES (1, ?, 'Tay', 'manual')"
    site.db.execute(sql, (COURSE,))
    site.db.execute("INSERT INTO members (course, userid, cohort) VALUES (?, ?, 1)", (COURSE, userid))
    return OpenEdxSandbox(site)


def _openedx_again(kept: bytes, like: Box) -> OpenEdxSandbox:
    features = like.site.features if isinstance(like, OpenEdxSandbox) else prepared()
    site = EdxSite(":memory:", features, ticks=time.monotonic)
    site.db.deserialize(kept)
    return OpenEdxSandbox(site)


def _open_moodle(key: str, site: SiteSettings, **more: Any) -> LmsClient:
    return open_moodle(key, site, **more)


def _open_openedx(key: str, site: SiteSettings, **more: Any) -> LmsClient:
    return open_openedx(key, site, [COURSE], **more)


MOODLE = Ground(
    name="moodle",
    site_key=checks.SITE,
    programme=checks.PROGRAMME,
    last=day(LAST_DAY),
    credential="token",
    keys={"known_username": "guest"},
    fresh=_moodle,
    revive=_moodle_again,
    open=_open_moodle,
    checks=checks,
)
OPENEDX = Ground(
    name="openedx",
    site_key=edx_checks.SITE,
    programme=edx_checks.PROGRAMME,
    last=day(LAST_DAY - 1),  # Open edX tells no times: what is first seen after the window does not count
    credential="client_secret",
    keys={"platform": "openedx", "client_id": CLIENT, "sign_up": "csv"},
    fresh=_openedx,
    revive=_openedx_again,
    open=_open_openedx,
    checks=edx_checks,
)
GROUNDS: Mapping[str, Ground] = {ground.name: ground for ground in (MOODLE, OPENEDX)}
