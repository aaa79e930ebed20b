"""Use case: provinces drop their lists into folders; each is taken once, archived, and answered beside.

One folder for all, or below it one for each province, named by its two digits; a file in a province's folder must be
about that province alone. What is still being written is waited for: a file counts as whole when it has not changed
for a while and no program holds a lock file beside it. A file is read and imported first and moved away then, so a
crash between the two only makes it be read again, and the import knows it by its hash. The error workbook comes back
into the folder; mended there and saved it is the next list, unchanged it is left alone.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile

from connector.context import Context
from connector.errors import ConfigError, RosterFileError
from connector.jobs.rosters import FileOutcome, import_rosters
from connector.jobs.service.kinds import Ended, Result, Work
from connector.language import _
from connector.mappers.roster_moment import HERE
from connector.places import province_by_code, provinces
from connector.rosters.files import SUFFIXES
from connector.rosters.originals import sha256_of
from connector.rosters.reader import read_roster
from connector.rosters.refusals import REFUSED_SUFFIXES
from connector.rosters.sheets import limits_of
from connector.settings import ScheduledJob
from connector.store.pickups import ANSWER, Pickup

# What cannot be read is taken too, so that its sender is told why.
_TAKEN_SUFFIXES = (*SUFFIXES, *REFUSED_SUFFIXES)
TEMPORARY = (".part", ".tmp", ".crdownload", ".partial", ".filepart")
TAKEN, ASIDE = "da-nhan", "khong-nhan"
EVERYWHERE = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A file that was dropped. `province_code` is that of its folder, '' in the folder for all."""

    path: Path
    province_code: str

    @property
    def place(self) -> str:
        """The folder's word in the database."""
        return self.province_code or EVERYWHERE


def pick_up(ctx: Context, work: Work) -> Result:
    """Import all whole files of the folder; registrations are written, files moved. The platform is not touched.

    A list that was set aside is a person's business until it has been settled: `lists_aside`.
    """
    folder = incoming(ctx, work.job)
    files, in_use = [], 0
    for dropped in _dropped(folder, work.province_code):
        if is_in_use(dropped.path, ctx.now(), work.job.quiet):
            in_use += 1
        else:
            files.append(dropped)
    counts: Counter[str] = Counter({"in_use": in_use} if in_use else {})
    for dropped in files:
        ctx.safe_point()
        counts[_take(ctx, work, dropped)] += 1
    needs = dict(lists_aside(ctx, work))
    did = any(counts[one] for one in ("taken", "aside"))
    ended = Ended.NOTHING if not did else Ended.PARTLY if counts["aside"] else Ended.DONE
    return Result(ended=ended, counts=dict(counts), message=" ".join(needs.values()) if did else "", needs=needs)


def lists_aside(ctx: Context, work: Work) -> Iterator[tuple[str, str]]:
    """Each list that was set aside and is not settled: a short name, and in words with its reason. Reads only.

    It is settled by a later list of that province's folder (in the folder for all: of that name), when it was taken
    elsewhere, or when somebody has moved it away.
    """
    with ctx.store.begin() as tx:
        found = tx.pickups.unsettled(work.programme.key, ASIDE, TAKEN, place=work.province_code, common=EVERYWHERE)
    for one in found:
        where = Path(one.archived)
        if where.exists():
            why = _result_file(where).read_text(encoding="utf-8").strip()
            words = _("A list was not taken: {why} It lies in {path}.").format(why=why, path=where)
            yield f"list-{one.sha256[:8]}", words


def incoming(ctx: Context, job: ScheduledJob) -> Path:
    """The folder into which lists are dropped. Our own in the state folder is made; writes nothing else.

    Raises ConfigError when one that the configuration names is not there: a share may not be mounted, and that must not
    look like a day without lists.
    """
    if job.folder is None:
        own = ctx.settings.state_dir / "pickup"
        own.mkdir(parents=True, exist_ok=True)
        return own
    if not job.folder.is_dir():
        raise ConfigError(_("The folder {path} is not there.").format(path=job.folder))
    return job.folder


def is_in_use(path: Path, now: datetime, quiet: timedelta) -> bool:
    """True while somebody may still be writing the file: it changed lately, or a program's lock file lies beside it."""
    locks = (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#"))
    if any(lock.exists() for lock in locks):
        return True
    try:
        found = path.stat()
    except FileNotFoundError:
        return True
    # A copy may keep the date of its original, so the time of the last change of the entry counts as well. A date far
    # in the future (the clerk's clock is wrong) says nothing: the list would be waited for until then.
    ages = (abs(now.timestamp() - changed) for changed in (found.st_mtime, found.st_ctime))
    return found.st_size == 0 or min(ages) < quiet.total_seconds()


def _dropped(folder: Path, province_code: str) -> Iterator[Dropped]:
    """The files in the folder and the provinces' folders below it (of this province alone), by name."""
    codes = [province_code] if province_code else ["", *(one.code for one in provinces())]
    for code in codes:
        place = folder / code if code else folder
        if not place.is_dir():
            continue
        for path in sorted(place.iterdir()):
            if path.is_file() and not path.is_symlink() and is_list(path.name):
                yield Dropped(path=path, province_code=code)


def is_list(name: str) -> bool:
    """True for the name of a list; False for hidden files, locks of office programs, and unfinished copies."""
    small = name.lower()
    return not small.startswith((".", "~$")) and not small.endswith(TEMPORARY) and small.endswith(_TAKEN_SUFFIXES)


def _take(ctx: Context, work: Work, dropped: Dropped) -> str:
    """Take one file: what became of it in one word."""
    programme, sha256 = work.programme.key, sha256_of(dropped.path)
    with ctx.store.begin() as tx:
        known = tx.pickups.state_of(programme, dropped.place, dropped.path.name, sha256)
    if known == ANSWER:
        return "answers"
    wrong = _wrong_province(ctx, dropped)
    if wrong:
        _archive(ctx, _pickup(work, dropped, sha256, ASIDE), dropped.path, wrong)
        return "aside"
    (outcome,) = import_rosters(ctx, programme, [dropped.path]).files
    if outcome.problem is not None:
        _archive(ctx, _pickup(work, dropped, sha256, ASIDE), dropped.path, str(outcome.problem))
        return "aside"
    _archive(ctx, _pickup(work, dropped, sha256, TAKEN), dropped.path, _result_text(outcome))
    if outcome.error_workbook is not None:
        _answer(ctx, work, dropped, outcome.error_workbook)
    return "known" if outcome.unchanged else "taken"


def _wrong_province(ctx: Context, dropped: Dropped) -> str:
    """Why the file does not belong into its province's folder; '' when it does, or cannot be read at all."""
    if not dropped.province_code:
        return ""
    try:
        reading = read_roster(dropped.path, limits=limits_of(ctx.settings.rosters))
    except RosterFileError:
        return ""  # the import says why
    others = Counter(one.province_code for one in reading.accepted if one.province_code != dropped.province_code)
    if not others:
        return ""
    named = ", ".join(f"{province_by_code(code).name}: {count}" for code, count in sorted(others.items()))
    return _("It lies in the folder of {province} and names people of other provinces ({others}).").format(
        province=province_by_code(dropped.province_code).name, others=named
    )


def _pickup(work: Work, dropped: Dropped, sha256: str, state: str) -> Pickup:
    return Pickup(
        programme=work.programme.key,
        place=dropped.place,
        name=dropped.path.name,
        sha256=sha256,
        state=state,
        archived="",
    )


def _archive(ctx: Context, taken: Pickup, path: Path, result: str) -> None:
    """Move the file away with a text of its result beside it. Nothing is overwritten."""
    moment = f"{ctx.now().astimezone(HERE):%Y%m%d-%H%M%S}"
    target = path.parent / taken.state / f"{moment}-{taken.sha256[:8]}-{path.name}"
    target.parent.mkdir(exist_ok=True)
    _result_file(target).write_text(f"{result}\n", encoding="utf-8")
    with ctx.store.begin() as tx:
        tx.pickups.note(replace(taken, archived=str(target)), ctx.now())
    path.replace(target)


def _result_file(archived: Path) -> Path:
    return archived.with_name(f"{archived.name}.txt")


def _answer(ctx: Context, work: Work, dropped: Dropped, workbook: Path) -> None:
    """Put the error workbook back into the folder, whole or not at all, known as ours by its hash."""
    target, draft = dropped.path.with_name(workbook.name), dropped.path.with_name(f".{workbook.name}.part")
    copyfile(workbook, draft)
    ours = replace(_pickup(work, dropped, sha256_of(draft), ANSWER), name=target.name, archived=str(target))
    with ctx.store.begin() as tx:
        tx.pickups.note(ours, ctx.now())
    draft.replace(target)


def _result_text(outcome: FileOutcome) -> str:
    reading = outcome.reading
    if outcome.unchanged or reading is None:
        return _("The same list was taken before; nothing has changed.")
    return _("{accepted} accepted, {refused} refused, {skipped} rows that are not about a person").format(
        accepted=len(reading.accepted), refused=len(reading.refused), skipped=sum(reading.skipped.values())
    )
