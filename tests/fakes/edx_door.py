"""The pretend Open edX's second door: as the Moodle's, in-process, with the same mishaps.

door = open_edx()                           # a stock site in memory with one course, COURSE
session.mount("https://", door)             # any address; the path decides
door.site.features.bulk_enrolment = True    # what an operator would switch on
"""

from connector.sandbox.openedx.building import (
    Part,
    add_content,
    add_course,
    add_policy,
    add_service_account,
    seed_secret,
)
from connector.sandbox.openedx.platform import OpenEdxSandbox
from connector.sandbox.openedx.site import EdxSite, Features
from tests.fakes.sandbox_door import Door

URL = "https://lms.test"
COURSE = "course-v1:BKHCN+AI01+2025"
CLIENT, SECRET = "connector", "sandbox-secret"
EARLY_DECEMBER = 1_764_550_800  # 2025-12-01 08:00 Viet Nam time
_PARTS = (
    Part(name="hw1", kind="Homework", chapter="ch1"),
    Part(name="final", kind="Final Exam", chapter="ch2"),
)


class EdxDoor(Door[OpenEdxSandbox]):
    """A door to a pretend Open edX."""

    @property
    def site(self) -> EdxSite:
        """The site behind the door."""
        return self.sandbox.site


def open_edx(features: Features | None = None) -> EdxDoor:
    """A door to a fresh site in memory: one course with content, and a service account with an application."""
    site = EdxSite(":memory:", features or Features())
    site.features.host = URL
    site.set_now(EARLY_DECEMBER)
    seed_secret(site)
    add_service_account(site, "connector_worker", CLIENT, SECRET)
    add_course(site, COURSE, "AI for commune officials")
    add_policy(site, COURSE, "Homework", "HW", count=1, weight=0.4)
    add_policy(site, COURSE, "Final Exam", "Final", count=1, weight=0.6)
    add_content(site, COURSE, "AI for commune officials", _PARTS)
    return EdxDoor(OpenEdxSandbox(site))
