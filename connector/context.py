"""Composition root: the only place that picks classes. Jobs get a `Context` and nothing else of the outer world."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event

from connector.lms import LmsClient
from connector.moodle_ws.lms import open_moodle
from connector.programmes.definition import Programme, find_programme
from connector.settings import Settings, Site
from connector.store.caller import Caller, this_process
from connector.store.store import Store

PLATFORMS: Mapping[str, Callable[[str, Site], LmsClient]] = {"moodle": open_moodle}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a job may use: settings, database, platforms, the time, and a way to wait.

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
    _clients: dict[str, LmsClient] = field(default_factory=dict)

    def programme(self, key: str | None = None) -> Programme:
        """The programme of this key (the default one when None). Raises ConfigError naming the known ones."""
        return find_programme(self.settings.programmes_dir, key or self.settings.default_programme)

    def lms(self, site_key: str) -> LmsClient:
        """The platform of this site, opened once for each context. Raises ConfigError for an unknown site."""
        client = self._clients.get(site_key)
        if client is None:
            client = self._clients[site_key] = self.open_site(site_key, self.settings.site(site_key))
        return client


def open_platform(key: str, site: Site) -> LmsClient:
    """The client for a site's kind of platform; nothing is sent yet."""
    return PLATFORMS[site.platform](key, site)


def open_context(settings: Settings) -> Context:
    """The real context: database opened (and its schema upgraded), clock and waiting of this machine."""
    never = Event()
    return Context(
        settings=settings,
        store=Store(settings.database),
        open_site=open_platform,
        now=lambda: datetime.now(UTC),
        wait=lambda seconds: (never.wait(seconds), None)[1],
    )
