"""What is told on the port: health, readiness, and the numbers for Prometheus."""

from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest

from connector.errors import AccessDenied
from connector.jobs.mirror import mirror
from connector.jobs.service.endpoints import Numbers, answer
from connector.jobs.service.service import Service
from connector.settings import Serve
from tests.jobs.service.timetable import Doings, Stage, job
from tests.jobs.world import PROGRAMME, START, learner

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def status(service: Service, path: str) -> int:
    return answer(service, CollectorRegistry(), path)[0]


def numbers(service: Service) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(Numbers(service))
    lines = generate_latest(registry).decode().splitlines()
    return {name: float(value) for name, _space, value in (one.rpartition(" ") for one in lines) if name[0] != "#"}


def test_healthy_while_it_looks_and_ready_until_it_is_asked_to_stop(stage: Stage) -> None:
    stage.declare(job())
    service = stage.service(stage.faked(Doings(stage.world)))
    assert [status(service, path) for path in ("/healthz", "/readyz", "/metrics", "/x")] == [503, 503, 200, 404]
    service.look()
    assert [status(service, path) for path in ("/healthz", "/readyz")] == [200, 200]
    stage.clock.go_to(START + MINUTE)
    assert [status(service, path) for path in ("/healthz", "/readyz")] == [200, 503]
    stage.clock.go_to(START + 5 * MINUTE)
    assert status(service, "/healthz") == 503
    service.look()
    service.stop()
    assert [status(service, path) for path in ("/healthz", "/readyz")] == [200, 503]


def test_who_looks_seldom_is_healthy_for_longer(stage: Stage) -> None:
    stage.declare(job())
    settings = stage.world.ctx.settings.model_copy(update={"serve": Serve.model_validate({"look_every": "2m"})})
    object.__setattr__(stage.world.ctx, "settings", settings)
    service = stage.service(stage.faked(Doings(stage.world)))
    service.look()
    stage.clock.go_to(START + 5 * MINUTE)
    assert [status(service, path) for path in ("/healthz", "/readyz")] == [200, 200]


def test_the_numbers_tell_attempts_durations_incidents_and_the_last_success(stage: Stage) -> None:
    stage.declare(job())
    doings = Doings(stage.world, next=[AccessDenied("token")])
    service = stage.service(stage.faked(doings))
    service.run_until(START + HOUR, stage.clock)
    service.ctx.wait(7)
    found = numbers(service)
    assert found['connector_job_runs_total{job="m",state="done"}'] == 3
    assert found['connector_job_runs_total{job="m",state="failed"}'] == 1
    assert found['connector_job_duration_seconds_count{job="m"}'] == 4
    assert found['connector_job_duration_seconds_sum{job="m"}'] == 0
    assert found['connector_job_last_success_seconds{job="m"}'] == (START + HOUR).timestamp()
    assert (found["connector_queue"], found["connector_incidents_open"]) == (0, 0)


def test_the_numbers_tell_calls_by_outcome_and_how_fresh_the_mirror_is(stage: Stage) -> None:
    stage.declare(job())
    stage.world.register(learner(1))
    stage.world.provision()
    mirror(stage.world.ctx, PROGRAMME)
    found = numbers(stage.service())
    read = f'connector_mirror_read_seconds{{part="accounts",programme="{PROGRAMME}",site="sandbox"}}'
    assert found[read] == START.timestamp()
    requests = found['connector_platform_requests_total{site="sandbox"}']
    calls = [name for name in found if name.startswith("connector_platform_calls_total{")]
    assert requests == sum(found[name] for name in calls) > 0
    assert all('outcome="ok"' in name for name in calls)
