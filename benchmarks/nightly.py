"""A night on which nothing has changed: plan, apply, mirror, evaluate, certificates, report on an existing state."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from connector.jobs.apply import apply
from connector.jobs.certify import push_certificates
from connector.jobs.demo import PROGRAMME, SITE, Clock, Demo, demo_context
from connector.jobs.evaluate import evaluate
from connector.jobs.measure import Meter, peak_megabytes
from connector.jobs.mirror import mirror
from connector.jobs.plan import make_plan
from connector.jobs.report import progress_report
from connector.jobs.rosters import import_rosters
from connector.jobs.sandbox import running_sandbox
from connector.settings import Settings


def nightly_run(folder: Path) -> dict[str, Any]:
    """What each step of an unchanged second run costs, on what a demo has left in this folder."""
    with running_sandbox(folder) as sandbox:
        ctx = demo_context(Demo(folder=folder), Settings(), sandbox, Clock(sandbox))
        meter = Meter(requests=lambda: ctx.lms(SITE).calls.requests)
        with meter.step("import again"):
            import_rosters(ctx, PROGRAMME, sorted((folder / "lists").iterdir()))
        with meter.step("plan again"):
            plan = make_plan(ctx, PROGRAMME)
        if not plan.empty:
            raise SystemExit("the second plan is not empty: this is no unchanged run")
        with meter.step("apply again"):
            apply(ctx, plan)
        with meter.step("mirror again"):
            mirror(ctx, PROGRAMME)
        with meter.step("evaluate again"):
            evaluate(ctx, PROGRAMME)
        with meter.step("certificates again"):
            push_certificates(ctx, PROGRAMME)
        with meter.step("report again"):
            progress_report(ctx, PROGRAMME, formats=["xlsx", "html", "csv"], folder=folder / "reports")
        ctx.store.close()
    return {"steps": [asdict(cost) for cost in meter.costs], "peak_megabytes": round(peak_megabytes(), 1)}
