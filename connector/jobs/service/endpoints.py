"""/healthz, /readyz and /metrics on a port of this machine alone.

Healthy: the scheduler has looked lately (`serve.look_every`) and the database answered. Ready: it has just done so, and
nobody has asked it to stop. Attempts, durations and requests are those of this process; queue, incidents, freshness and
last successes are read from the database when they are asked for, so each of two services tells the same.
"""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from connector.jobs.service.kinds import GOOD
from connector.jobs.service.service import Service

# So many looks may be missed.
HEALTHY, READY = 20, 3


class Numbers(Collector):
    """What Prometheus is told."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """The numbers as they stand. Reads the database only."""
        yield from self._ticks()
        yield from self._mirror()
        yield from self._calls()

    def _ticks(self) -> Iterator[Metric]:
        service = self._service
        with service.ctx.store.begin() as tx:
            last = tx.ticks.last_of(dict.fromkeys(slot.job.name for slot in service.slots), GOOD)
            opened, incidents = tx.ticks.opened(), tx.incidents.opened()
        runs = CounterMetricFamily(
            "connector_job_runs", "Attempts of this process at each job by how they ended.", labels=["job", "state"]
        )
        for (job, state), count in service.tally.ended().items():
            runs.add_metric([job, state], count)
        yield runs
        took = SummaryMetricFamily(
            "connector_job_duration_seconds", "How long this process's attempts took.", labels=["job"]
        )
        for job, (count, seconds) in service.tally.durations().items():
            took.add_metric([job], count_value=count, sum_value=seconds)
        yield took
        success = GaugeMetricFamily(
            "connector_job_last_success_seconds", "When each job last ended well.", labels=["job"]
        )
        for job, at in last.items():
            success.add_metric([job], at.timestamp())
        yield success
        yield GaugeMetricFamily("connector_queue", "Ticks that run or wait for another attempt.", value=len(opened))
        yield GaugeMetricFamily("connector_incidents_open", "What a person is needed for.", value=len(incidents))

    def _mirror(self) -> Iterator[Metric]:
        ctx = self._service.ctx
        read = GaugeMetricFamily(
            "connector_mirror_read_seconds", "When each part was last read.", labels=["programme", "site", "part"]
        )
        programmes = {slot.work.programme for slot in self._service.slots}
        for key, site in sorted({(one.key, here.site) for one in programmes for here in one.by_site}):
            with ctx.store.begin() as tx:
                parts = tx.marks.parts(site, key)
            for name, part in parts.items():
                read.add_metric([key, site, name], part.read_at.timestamp())
        yield read

    def _calls(self) -> Iterator[Metric]:
        calls = CounterMetricFamily(
            "connector_platform_calls",
            "Calls of this process by function and outcome: ok, not run, or the kind of error.",
            labels=["site", "function", "outcome"],
        )
        requests = CounterMetricFamily("connector_platform_requests", "Requests of this process.", labels=["site"])
        for site in sorted({slot.work.programme.site for slot in self._service.slots if slot.kind.asks_platform}):
            counts = self._service.ctx.lms(site).calls
            requests.add_metric([site], counts.requests)
            for function, outcome, count in counts.by_outcome:
                calls.add_metric([site, function, outcome], count)
        yield calls
        yield requests


class Endpoints:
    """The three addresses on 127.0.0.1, served in the background until closed."""

    def __init__(self, service: Service, port: int) -> None:
        registry = CollectorRegistry()
        registry.register(Numbers(service))
        started = Gauge("connector_started_seconds", "When this service began.", registry=registry)
        started.set(service.ctx.now().timestamp())

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, body = answer(service, registry, self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                """Who looks at the health is no news."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port: int = self._server.server_address[1]
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()


def answer(service: Service, registry: CollectorRegistry, path: str) -> tuple[int, str, bytes]:
    """Status, type and body for one of the three addresses."""
    if path == "/metrics":
        return 200, CONTENT_TYPE_LATEST, generate_latest(registry)
    if path == "/healthz":
        return _plain(good=alive(service, HEALTHY))
    if path == "/readyz":
        return _plain(good=alive(service, READY) and not service.stopping.is_set())
    return 404, "text/plain", b"not found\n"


def alive(service: Service, looks: int) -> bool:
    """True when the scheduler has missed fewer looks than this; each look asks the database."""
    within = service.ctx.settings.serve.look_every * looks
    return service.pulse_at is not None and service.ctx.now() - service.pulse_at < within


def _plain(*, good: bool) -> tuple[int, str, bytes]:
    return (200, "text/plain", b"ok\n") if good else (503, "text/plain", b"not now\n")
