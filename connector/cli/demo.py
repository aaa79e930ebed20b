"""`connector demo`: the whole service on real input, in one go."""

import json
from dataclasses import asdict, dataclass
from functools import singledispatch
from pathlib import Path

import click

from connector.cli.certificates import print_push
from connector.cli.doctor import print_findings
from connector.cli.mirror import print_evaluation, print_mirror, print_story
from connector.cli.report import print_report
from connector.cli.roster import print_import, print_outcomes
from connector.cli.screen import screen
from connector.cli.session import Exit, Session, pass_session
from connector.cli.sync import print_apply, print_plan
from connector.jobs.certify import PushOutcome
from connector.jobs.demo import STAGES, Demo, Step, run_demo
from connector.jobs.evaluate import EvaluateOutcome
from connector.jobs.explain import Story
from connector.jobs.measure import Meter, peak_megabytes
from connector.jobs.mirror import MirrorOutcome
from connector.jobs.report import ReportOutcome
from connector.jobs.rosters import ImportOutcome
from connector.language import _
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan

FEW = 12


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the demo's database, sandbox and files (default: var/demo, for openedx var/demo-openedx).",
)
@click.option("--platform", type=click.Choice(list(STAGES)), default="moodle", show_default=True, help="Which one.")
@click.option("--learners", type=click.IntRange(1), help="Make up so many learners instead of the sample rosters.")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides who the made-up people are.")
@click.option("--figures", type=click.Path(dir_okay=False, path_type=Path), help="Write what each step cost, as JSON.")
@pass_session
def demo(
    session: Session, *, folder: Path | None, platform: str, learners: int | None, seed: int, figures: Path | None
) -> None:
    """Do the whole job in one go against the sandbox: roster, plan, apply, mirror, verdict, certificate, report."""
    meter = Meter()
    ending = Ending()
    folder = folder or Path("var/demo" if platform == "moodle" else f"var/demo-{platform}")
    wanted = Demo(folder=folder, platform=platform, learners=learners, seed=seed)
    for number, step in enumerate(run_demo(wanted, session.settings, meter), start=1):
        screen().print(f"\n[bold]{number}. {step.told}[/]")
        show(step.outcome)
        ending.note(step)
    print_ending(ending, folder)
    if figures:
        costs = {"steps": [asdict(cost) for cost in meter.costs], "peak_megabytes": round(peak_megabytes(), 1)}
        figures.parent.mkdir(parents=True, exist_ok=True)
        figures.write_text(json.dumps(costs, indent=1), encoding="utf-8")
    raise click.exceptions.Exit(Exit.FAILED if ending.changes_left else Exit.DONE)


@dataclass(slots=True)
class Ending:
    """What the last lines tell; of the outcomes themselves nothing is kept."""

    error_workbooks: int = 0
    reports: tuple[Path, ...] = ()
    changes_left: int = 0

    def note(self, step: Step) -> None:
        """Take down what the step gave."""
        outcome = step.outcome
        if isinstance(outcome, ImportOutcome):
            self.error_workbooks = sum(bool(file.error_workbook) for file in outcome.files)
        elif isinstance(outcome, ReportOutcome):
            self.reports = outcome.files
        elif isinstance(outcome, Plan):
            self.changes_left = len(outcome.changes)


def print_ending(ending: Ending, folder: Path) -> None:
    """The paths of what was made, and whether the second plan is empty."""
    click.echo()
    click.echo(_("error workbooks: {count} in {folder}").format(count=ending.error_workbooks, folder=folder / "errors"))
    click.echo(_("plan: {path}").format(path=folder / "plan.json"))
    for path in ending.reports:
        click.echo(_("report: {path}").format(path=path))
    click.echo(_("configuration to go on with: connector --config {path}").format(path=folder / "connector.yaml"))
    if ending.changes_left:
        click.echo(_("second plan: {count} changes are left").format(count=ending.changes_left))
    else:
        click.echo(_("second plan: no changes"))


@singledispatch
def show(outcome: object) -> None:
    """Print what a step gave."""
    raise TypeError(type(outcome))


@show.register
def _findings(outcome: list) -> None:  # type: ignore[type-arg]  # singledispatch knows no list[Finding]
    print_findings(outcome)


@show.register
def _imported(outcome: ImportOutcome) -> None:
    print_outcomes(outcome.files, most=FEW)
    print_import(outcome)


show.register(Plan, print_plan)
show.register(ApplyOutcome, print_apply)
show.register(MirrorOutcome, print_mirror)
show.register(EvaluateOutcome, print_evaluation)
show.register(PushOutcome, print_push)
show.register(ReportOutcome, print_report)
show.register(Story, print_story)
