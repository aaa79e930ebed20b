"""What is claimed, what was measured, and whether the one holds the other."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks import edx, evaluate, mirror, peers, plans, rosters

PROVISION = ("plan", "apply")
# Two runs of the same client differ by so much: making an account takes the site as long whoever asks for it.
SPREAD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim: the figure must not be above the limit."""

    name: str
    figure: float
    limit: float
    unit: str

    @property
    def holds(self) -> bool:
        """True when the figure is inside the limit."""
        return self.figure <= self.limit

    def as_json(self) -> dict[str, Any]:
        """The claim with its outcome."""
        return asdict(self) | {"holds": self.holds}


def claims(figures: dict[str, Any]) -> list[Claim]:
    """The claims against these figures."""
    learners = figures["learners"]
    own = sum(step["cpu"] for step in figures["demo_large"]["steps"] if step["name"] in PROVISION)
    accounts = figures["peers"]["clients"]["pymoodle"][0]["cpu"]
    return [
        Claim(name="demo, 600 learners: wall time", figure=figures["demo_small"]["wall"], limit=60, unit="s"),
        Claim(
            name="34 lists with 18,000 rows, read and answered: wall time",
            figure=figures["rosters"]["connector"]["seconds"],
            limit=rosters.SECONDS,
            unit="s",
        ),
        Claim(
            name="34 lists with 18,000 rows, read and answered: peak memory",
            figure=figures["rosters"]["connector"]["megabytes"],
            limit=rosters.MEGABYTES,
            unit="MB",
        ),
        Claim(
            name=f"demo, {learners} learners: peak memory of the connector",
            figure=figures["demo_large"]["peak_megabytes"],
            limit=400,
            unit="MB",
        ),
        Claim(
            name=f"plan of {plans.CHANGES} changes, {learners} learners: own CPU",
            figure=figures["plans"]["sandbox"]["cpu"],
            limit=plans.SECONDS,
            unit="s",
        ),
        Claim(
            name=f"plan for {plans.MANY} learners in 34 shards: peak memory",
            figure=figures["plans"]["shards"]["megabytes"],
            limit=plans.MEGABYTES,
            unit="MB",
        ),
        Claim(
            name=f"unchanged second run, {learners} learners: HTTP requests",
            figure=sum(step["requests"] for step in figures["nightly"]["steps"]),
            limit=120,
            unit="",
        ),
        Claim(
            name="own CPU for plan and apply over pymoodle's for the accounts alone",
            figure=(own / learners) / (accounts / figures["peers"]["people"]),
            limit=3,
            unit="x",
        ),
        *against_peers(figures["peers"]["clients"]),
        *on_openedx(figures["edx"]),
        *evaluations(figures["evaluate"]),
        *(
            Claim(
                name=f"mirror of {mirror.COMPLETIONS} completions on {kind}, {mirror.CHANGES} changes: own CPU",
                figure=found["changes_cpu"],
                limit=mirror.LIMIT,
                unit="s",
            )
            for kind, found in figures["mirror"].items()
        ),
    ]


def evaluations(figures: dict[str, Any]) -> Iterator[Claim]:
    """That judging keeps within its limits: everybody for the first time, and nobody when nothing has moved."""
    for learners, found in figures.items():
        seconds, megabytes, again = evaluate.LIMITS[int(learners)]
        name = f"evaluate {learners} learners x 19 topics"
        yield Claim(name=f"{name}: own CPU", figure=found["first"]["cpu"], limit=seconds, unit="s")
        yield Claim(name=f"{name}: peak memory", figure=found["first"]["megabytes"], limit=megabytes, unit="MB")
        yield Claim(name=f"{name}, nothing moved: own CPU", figure=found["again"]["cpu"], limit=again, unit="s")


def against_peers(clients: dict[str, Any]) -> Iterator[Claim]:
    """For each task: our requests against edutools-moodle's, our time against pymoodle's."""
    for ours, edutools in zip(clients["connector"], clients["edutools-moodle"], strict=True):
        share = 100 * ours["requests"] / edutools["requests"]
        yield Claim(name=f"{ours['task']}: requests over edutools-moodle's", figure=share, limit=10, unit="%")
    for ours, pymoodle in zip(clients["connector"], clients["pymoodle"], strict=True):
        share = 100 * ours["wall"] / pymoodle["wall"]
        yield Claim(name=f"{ours['task']}: time over pymoodle's", figure=share, limit=100 + SPREAD, unit="%")


def on_openedx(figures: dict[str, Any]) -> Iterator[Claim]:
    """That on Open edX we ask for much less than the peer, although it makes neither accounts nor cohorts."""
    for size, tasks in figures["sizes"].items():
        for task, found in tasks.items():
            share = 100 * found["connector"] / found[edx.PEER]
            name = f"Open edX, {size}, {task}: requests over {edx.PEER}'s"
            yield Claim(name=name, figure=share, limit=edx.LIMITS[task], unit="%")


def table(figures: dict[str, Any], found: list[Claim]) -> str:
    """The claims and the steps behind them, as Markdown."""
    lines = ["| claim | measured | limit | |", "|---|---|---|---|"]
    lines += [
        f"| {claim.name} | {claim.figure:.1f} {claim.unit} | {claim.limit:.0f} {claim.unit} | "
        f"{'holds' if claim.holds else 'FAILS'} |"
        for claim in found
    ]
    learners = figures["learners"]
    lines += ["", f"Steps of the demo with {learners} learners, then of an unchanged second run:", ""]
    lines += ["| step | wall s | own CPU s | own CPU ms/learner | requests |", "|---|---|---|---|---|"]
    lines += [_step(step, learners) for step in figures["demo_large"]["steps"]]
    lines += ["| | | | | |"]
    lines += [_step(step, learners) for step in figures["nightly"]["steps"]]
    for judged in figures["evaluate"].values():
        lines += ["", "Judging:", "", evaluate.table(judged)]
    lines += ["", "The same work by other clients:", "", peers.table(figures["peers"])]
    lines += ["", "On Open edX:", "", edx.table(figures["edx"])]
    lines += ["", "Plans:", "", plans.table(figures["plans"])]
    lines += ["", "Mirror:", "", mirror.table(figures["mirror"])]
    lines += ["", "Lists of departments:", "", rosters.table(figures["rosters"])]
    return "\n".join(lines)


def _step(step: dict[str, Any], learners: int) -> str:
    per_learner = 1000 * step["cpu"] / learners
    return f"| {step['name']} | {step['wall']:.1f} | {step['cpu']:.1f} | {per_learner:.2f} | {step['requests']} |"
