"""Composition root: the only place that picks classes. Jobs get a `Context` and nothing else of the outer world."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Event

from connector.lms import LmsClient
from connector.moodle_ws.lms import open_moodle
from connector.openedx.lms import open_openedx
from connector.programmes.definition import Programme, find_programme, known_programmes
from connector.settings import Settings, Site
from connector.store.caller import Caller, this_process
from connector.store.store import Store

# Each is given the courses of the site's programmes: on Open edX a cohort is made in each of them.
PLATFORMS: Mapping[str, Callable[[str, Site, Sequence[str]], LmsClient]] = {
    "moodle": lambda key, site, _courses: open_moodle(key, site),
    "openedx": open_openedx,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a job may use: settings, database, platforms, the time, and a way to wait.

    `site` is the one site that the job is to keep to, of a programme that has several; None where none was chosen.
    `caller` is who runs the job, in which process. `safe_point` is called where nothing is in flight; it raises
    Interrupted when somebody has asked to stop.
    """

    settings: Settings
    store: Store
    open_site: Callable[[str, Site], LmsClient]
    now: Callable[[], datetime]
    wait: Callable[[float], None]
    caller: Caller = field(default_factory=this_process)
    safe_point: Callable[[], None] = lambda: None
    site: str | None = None
    _clients: dict[str, LmsClient] = field(default_factory=dict)

    def programme(self, key: str | None = None) -> Programme:
        """The programme of this key (the default one when None), as the chosen site has it if one is chosen.

        Raises ConfigError naming the known ones, and when it does not stand on that site.
        """
        found = self.whole_programme(key)
        return found if self.site is None else found.on(self.site)

    def whole_programme(self, key: str | None = None) -> Programme:
        """The programme of this key on all its sites. Raises ConfigError naming the known ones."""
        return find_programme(self.settings.programmes_dir, key or self.settings.default_programme)

    def on(self, site: str) -> "Context":
        """The same context for a job that keeps to this site; what is open stays shared."""
        return replace(self, site=site)

    def each_site(self, key: str | None = None) -> list["Context"]:
        """A context for each site of this programme; this one alone where it has one site, or one is chosen."""
        programme = self.programme(key)
        return [self] if programme.site_key is not None else [self.on(here.site) for here in programme.by_site]

    def lms(self, site_key: str) -> LmsClient:
        """The platform of this site, opened once for each context. Raises ConfigError for an unknown site."""
        client = self._clients.get(site_key)
        if client is None:
            client = self._clients[site_key] = self.open_site(site_key, self.settings.site(site_key))
        return client

    def requests(self, site_key: str) -> int:
        """How many requests this context has sent to the site; none before it was opened."""
        client = self._clients.get(site_key)
        return client.calls.requests if client else 0


def open_platform(key: str, site: Site, courses: Sequence[str] = ()) -> LmsClient:
    """The client for a site's kind of platform and these courses; nothing is sent yet."""
    return PLATFORMS[site.platform](key, site, courses)


def courses_of(settings: Settings, site_key: str) -> tuple[str, ...]:
    """The courses in which programmes of this site enrol, in the order of the programmes' keys. Reads their files."""
    folder = settings.programmes_dir
    programmes = (find_programme(folder, key) for key in known_programmes(folder))
    mine = (one for programme in programmes for one in programme.by_site if one.site == site_key)
    return tuple(dict.fromkeys(course for one in mine for course in one.enrolment.courses))


def _opener(settings: Settings) -> Callable[[str, Site], LmsClient]:
    def opened(key: str, site: Site) -> LmsClient:
        courses = courses_of(settings, key) if site.platform == "openedx" else ()
        return open_platform(key, site, courses)

    return opened


def open_context(settings: Settings) -> Context:
    """The real context: database opened (and its schema upgraded), clock and waiting of this machine."""
    never = Event()
    return Context(
        settings=settings,
        store=Store(settings.database),
        open_site=_opener(settings),
        now=lambda: datetime.now(UTC),
        wait=lambda seconds: (never.wait(seconds), None)[1],
    )
