"""`python -m benchmarks.edx`: requests of the connector on Open edX, against edx-api-client used plainly.

2,000 people of 34 provinces, in one course and in 19, on the pretend Open edX in this process: requests are counted at
its door, times would say nothing. The peer has functions for enrolments and for course grades, and these are used as
its documentation does: one enrolment a request, the lists in pages of the platform's own size. It has none for
accounts, cohorts or members; the connector makes and reads these too, and all of it is counted. The peer does not keep
to the platform's limits, so they are switched off for it; the connector keeps to them.

The peer's pins contradict ours, so it stands in a folder of its own (requirements/peers.txt, `make bench`).
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import requests
import yaml
from pydantic import AnyHttpUrl, SecretStr

from connector.context import Context, courses_of
from connector.jobs.apply import apply
from connector.jobs.plan import make_plan
from connector.jobs.rosters import import_rosters
from connector.lms import LmsClient
from connector.model import TopicRef
from connector.openedx.lms import open_openedx
from connector.sandbox.openedx.platform import OpenEdxSandbox
from connector.sandbox.openedx.programme import CLIENT, COURSE, prepared, seed_programme, topic_course
from connector.sandbox.openedx.site import EdxSite
from connector.sandbox.rosters import write_rosters
from connector.settings import Settings, Site
from connector.store.store import Store
from tests.fakes.edx_door import EdxDoor
from tests.wire.scripted import Clock

PEER = "edx-api-client"
FOLDER = Path(".venv/peers")
URL, SECRET, SITE = "https://lms.test", "a-secret-for-the-bench", "sandbox_openedx"
PROGRAMMES = Path("config/programmes")
ONE = "bkhcn-2025-k1-openedx"
PEOPLE, SAMPLE = 2_000, 20
LIMITS = {"enrol everybody": 20, "unchanged second run": 15, "read everybody's course grades": 10}  # % of the peer's
TASKS = tuple(LIMITS)
SIZES: Mapping[str, tuple[str, ...]] = {
    "one course": (COURSE,),
    "19 courses": tuple(topic_course(number) for number in range(1, 20)),
}


@dataclass(frozen=True, slots=True)
class Stand:
    """One pretend site with a connector at it."""

    door: EdxDoor
    ctx: Context
    programme: str
    courses: Sequence[str]

    @property
    def lms(self) -> LmsClient:
        return self.ctx.lms(SITE)


def measure(people: int = PEOPLE) -> dict[str, Any]:
    """Requests of each task, of both clients, in one course and in 19. Raises SystemExit when they find differently."""
    return {
        "people": people,
        "version": _version(),
        "sizes": {name: _measured(courses, people) for name, courses in SIZES.items()},
    }


def _version() -> str:
    _peers_package()
    return version(PEER)


def _measured(courses: Sequence[str], people: int) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory(prefix="connector-edx-") as folder:
        stand = make_stand(Path(folder), courses, people)
        try:
            ours = dict(zip(TASKS, connector_requests(stand), strict=True))
            theirs = dict(zip(TASKS, peer_requests(stand), strict=True))
        finally:
            stand.ctx.store.close()
            stand.door.close()
    return {task: {"connector": ours[task], PEER: theirs[task]} for task in TASKS}


def connector_requests(stand: Stand) -> Iterator[int]:
    """A first plan applied, a second plan that finds nothing, and the grades of all courses."""

    def provision() -> int:
        outcome = apply(stand.ctx, make_plan(stand.ctx, stand.programme))
        return len(outcome.refusals)

    yield _counted(stand, provision, 0)
    yield _counted(stand, lambda: len(make_plan(stand.ctx, stand.programme).changes), 0)
    names = _names(stand)
    refs = [TopicRef(course=course) for course in stand.courses]
    yield _counted(stand, lambda: len(list(stand.lms.topic_results(refs, names))), 0)


def peer_requests(stand: Stand) -> Iterator[float]:
    """The same people enrolled once more, one by one; the lists of enrolments, and the grades of all courses."""
    stand.door.site.features.rate_limits = False
    api = _api(stand.door)
    names = _names(stand)

    def enrol() -> int:
        made = [
            api.enrollments.create_student_enrollment(course, mode="honor", username=name)
            for name in names[:SAMPLE]
            for course in stand.courses
        ]
        return len(made)

    yield len(names) / SAMPLE * _counted(stand, enrol, SAMPLE * len(stand.courses))
    lists = (api.enrollments.get_enrollments(course_id=course) for course in stand.courses)
    yield _counted(stand, lambda: sum(1 for one in lists for _enrolment in one), len(names) * len(stand.courses))
    grades = (api.current_grades.get_course_current_grades(course) for course in stand.courses)
    yield _counted(stand, lambda: sum(len(one.all_usernames) for one in grades), len(names) * len(stand.courses))


def _counted(stand: Stand, work: Callable[[], int], expected: int) -> int:
    before = len(stand.door.requests)
    found = work()
    if found != expected:
        raise SystemExit(f"the clients do not do the same: {found} instead of {expected}")
    return len(stand.door.requests) - before


def _names(stand: Stand) -> list[str]:
    rows = stand.door.site.all("SELECT username FROM users WHERE is_staff = 0 ORDER BY id")
    return [str(row[0]) for row in rows]


def make_stand(folder: Path, courses: Sequence[str], people: int) -> Stand:
    """A seeded site with this programme, its people registered with the connector; nobody is on the platform yet."""
    clock = Clock()
    door = EdxDoor(OpenEdxSandbox(EdxSite(":memory:", prepared(), ticks=clock)))
    door.site.features.host = URL
    seed_programme(door.site, secret=SECRET)
    programme = _programme(folder / "programmes", courses)
    configured = Site(
        platform="openedx", url=AnyHttpUrl(URL), client_id=CLIENT, client_secret=SecretStr(SECRET), sign_up="csv"
    )
    settings = Settings(state_dir=folder, programmes_dir=folder / "programmes", sites={SITE: configured})

    def opened(key: str, site: Site) -> LmsClient:
        return open_openedx(key, site, courses_of(settings, key), adapter=door, sleep=clock.sleep, clock=clock)

    ctx = Context(
        settings=settings,
        store=Store(f"sqlite:///{folder}/bench.db"),
        open_site=opened,
        now=lambda: datetime.fromtimestamp(door.site.now(), UTC),
        wait=clock.sleep,
    )
    import_rosters(ctx, programme, write_rosters(folder / "lists", people, seed=1))
    return Stand(door, ctx, programme, courses)


def _programme(folder: Path, courses: Sequence[str]) -> str:
    """The programme of the repository in these courses; with 19 of them each topic is a whole course."""
    folder.mkdir()
    content = yaml.safe_load((PROGRAMMES / f"{ONE}.yaml").read_text(encoding="utf-8"))
    if len(courses) > 1:
        content["enrolment"]["courses"] = list(courses)
        for topic, course in zip(content["topics"], courses, strict=True):
            topic["course"] = course
            del topic["activity"]
        content["certificate"]["course"] = courses[0]
    (folder / f"{ONE}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return ONE


def _api(door: EdxDoor) -> Any:
    """The peer's client of the site, whose sessions go through the door."""
    session = requests.Session()
    session.mount("https://", door)
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
    token = session.post(f"{URL}/oauth2/access_token", data=form, timeout=10).json()["access_token"]
    api = _peers_package().EdxApi({"access_token": token}, URL)
    api.get_requester = partial(_through, door, api.get_requester)
    return api


def _through(door: EdxDoor, made: Callable[[], requests.Session], **_scheme: str) -> requests.Session:
    session = made()
    session.mount("https://", door)
    return session


def _peers_package() -> Any:
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    try:
        return import_module("edx_api.client")
    except ModuleNotFoundError:
        raise SystemExit(f"{PEER} is not in {FOLDER}; `make bench` puts it there") from None


def table(figures: dict[str, Any]) -> str:
    """The requests side by side, as Markdown."""
    head = f"| {figures['people']} people | task | connector | {PEER} {figures['version']} | share |"
    lines = [head, "|---|---|---|---|---|"]
    for size, tasks in figures["sizes"].items():
        for task, found in tasks.items():
            share = 100 * found["connector"] / found[PEER]
            lines.append(f"| {size} | {task} | {found['connector']:.0f} | {found[PEER]:.0f} | {share:.1f} % |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(measure()))
