"""/healthz, /readyz and /metrics on a port of this machine alone.

Healthy: the scheduler has looked in the last minutes. Ready: it has just done so, and the database answered. The
numbers are read from the database when they are asked for, so each of two services tells the same; requests are those
of this process.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from connector.jobs.service.kinds import GOOD
from connector.jobs.service.service import Service

SILENT_FOR = timedelta(minutes=5)
AT_HAND = timedelta(seconds=45)


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
        ctx = self._service.ctx
        with ctx.store.begin() as tx:
            totals, last = tx.ticks.totals(), tx.ticks.last_of(GOOD)
            newest, opened, incidents = tx.ticks.newest(200), tx.ticks.opened(), tx.incidents.opened()
        runs = CounterMetricFamily(
            "connector_job_runs", "Ticks of each job by how they ended.", labels=["job", "state"]
        )
        for job, state, count in totals:
            runs.add_metric([job, state], count)
        yield runs
        success = GaugeMetricFamily(
            "connector_job_last_success_seconds", "When each job last ended well.", labels=["job"]
        )
        for job, at in last.items():
            success.add_metric([job], at.timestamp())
        yield success
        took = GaugeMetricFamily("connector_job_duration_seconds", "How long each job's last run took.", labels=["job"])
        seen: set[str] = set()
        for tick in newest:
            if tick.finished_at is not None and tick.job not in seen:
                seen.add(tick.job)
                took.add_metric([tick.job], (tick.finished_at - tick.started_at).total_seconds())
        yield took
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
        return _plain(good=alive(service, service.ctx.now()))
    if path == "/readyz":
        return _plain(good=alive(service, service.ctx.now(), AT_HAND) and not service.stopping.is_set())
    return 404, "text/plain", b"not found\n"


def alive(service: Service, now: datetime, within: timedelta = SILENT_FOR) -> bool:
    """True when the scheduler has looked lately; each look asks the database."""
    return service.pulse_at is not None and now - service.pulse_at < within


def _plain(*, good: bool) -> tuple[int, str, bytes]:
    return (200, "text/plain", b"ok\n") if good else (503, "text/plain", b"not now\n")
