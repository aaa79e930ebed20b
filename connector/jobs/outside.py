"""Use case: take lists of attendance, or of results of another platform, into the facts that rules judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.context import Context
from connector.errors import RosterFileError
from connector.jobs.people import registrations_of
from connector.jobs.recorded_run import recorded_run
from connector.mappers.outside import topic_names
from connector.model import OutsideKind, OutsideResult
from connector.rosters.error_workbook import write_error_workbook
from connector.rosters.originals import keep_original
from connector.rosters.outside import OutsideReading, Terms, read_outside
from connector.rosters.sheets import limits_of
from connector.rosters.succession import answer_name
from connector.store.mirror_merge import Stamp

JOB = "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two lists say different things of one person's session or topic; `known` stands, `told` was not taken."""

    known: OutsideResult
    told: OutsideResult


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideOutcome:
    """What became of one file: facts that are new, changed by a mended file, the same as before, and conflicts."""

    path: Path
    reading: OutsideReading | None = None
    problem: RosterFileError | None = None
    new: int = 0
    changed: int = 0
    same: int = 0
    conflicts: tuple[Conflict, ...] = ()
    error_workbook: Path | None = None


def import_results(
    ctx: Context, programme_key: str | None, paths: Sequence[Path], kind: OutsideKind
) -> list[OutsideOutcome]:
    """Read the files and write their facts; each file by itself, rows that cannot be used are refused with their cell.

    The same file again changes nothing. A fact that another list has told otherwise is a conflict: the first stands.
    A file of the same name, or the mended error workbook that answers it, may change what it told itself.
    """
    programme = ctx.programme(programme_key)
    topics = topic_names([(topic.key, topic.name) for topic in programme.topics])
    registered = {item.learner.phone for item in registrations_of(ctx, programme)}
    terms = Terms(kind=kind, topics=topics, registered=registered)
    with recorded_run(ctx, JOB, programme) as run:
        outcomes = [_take(ctx, programme.key, path, terms, run.id) for path in paths]
        run.counts = {"new": sum(item.new for item in outcomes), "changed": sum(item.changed for item in outcomes)}
    return outcomes


def _take(ctx: Context, programme: str, path: Path, terms: Terms, run_id: int) -> OutsideOutcome:
    limits = limits_of(ctx.settings.rosters)
    try:
        reading = read_outside(path, terms, limits=limits)
    except RosterFileError as error:
        return OutsideOutcome(path=path, problem=error)
    keep_original(path, ctx.settings.state_dir)
    workbook = None
    if reading.refused:
        workbook = ctx.settings.state_dir / "errors" / answer_name(path.name)
        workbook.parent.mkdir(parents=True, exist_ok=True)
        write_error_workbook(reading.as_roster(), path, workbook, limits=limits)
    with ctx.store.begin() as tx:
        phones = sorted({fact.phone for fact in reading.accepted})
        known = {
            (fact.phone, fact.kind, fact.key): fact
            for facts in tx.outside.of_phones(programme, phones).values()
            for fact in facts
        }
        new, changed, same, conflicts = _sorted(reading.accepted, known)
        tx.outside.save(programme, [*new, *changed], Stamp(ctx.now(), run_id))
    return OutsideOutcome(
        path=path,
        reading=reading,
        new=len(new),
        changed=len(changed),
        same=same,
        conflicts=tuple(conflicts),
        error_workbook=workbook,
    )


def _sorted(
    facts: Sequence[OutsideResult], known: Mapping[tuple[str, OutsideKind, str], OutsideResult]
) -> tuple[list[OutsideResult], list[OutsideResult], int, list[Conflict]]:
    """Facts that are new, that a file changes of its own, how many are known, and what contradicts another file."""
    new, changed, conflicts = [], [], []
    same = 0
    for fact in facts:
        before = known.get((fact.phone, fact.kind, fact.key))
        if before is None:
            new.append(fact)
        elif (before.value, before.at) == (fact.value, fact.at):
            same += 1
        elif _own(before.origin.file, fact.origin.file):
            changed.append(fact)
        else:
            conflicts.append(Conflict(known=before, told=fact))
    return new, changed, same, conflicts


def _own(before: str, now: str) -> bool:
    return now in (before, answer_name(before)) or before == answer_name(now)
