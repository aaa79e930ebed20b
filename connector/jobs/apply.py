"""Use case: make exactly what an approved plan says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from connector.context import Context
from connector.errors import BrokenData, ConfigError, UnsafePlanError
from connector.jobs.first_passwords import prepare_passwords
from connector.jobs.plan import make_plan
from connector.language import _
from connector.store.journal import StoreJournal
from connector.sync.apply import apply_plan
from connector.sync.guards import check_age, check_unmoved
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan
from connector.sync.planfile import from_json, to_json

Progress = Callable[[int, int], None]


def save_plan(plan: Plan, path: Path) -> None:
    """Write the plan as a file that `load_plan` reads; readable by its owner only, since it names people."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(to_json(plan), encoding="utf-8")
    draft.chmod(0o600)
    draft.replace(path)


def load_plan(path: Path) -> Plan:
    """The plan in this file. Raises ConfigError when it cannot be read, BrokenData when it is no sound plan."""
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(_("The plan {path} cannot be read: {why}.").format(path=path, why=error.strerror)) from None
    except UnicodeDecodeError:
        raise BrokenData(_("The file {path} is not a plan.").format(path=path)) from None


def apply(ctx: Context, plan: Plan, progress: Progress = lambda *_: None) -> ApplyOutcome:
    """Make the plan's changes on the platform, each journaled before it is sent and settled after.

    Refuses with UnsafePlanError: a plan that is too old, one that is no longer what is needed (the platform or the
    rosters have moved), and a second apply on the same site while one is running.
    """
    with _only_writer(ctx, plan.site):
        check_age(plan, ctx.now(), ctx.settings.limits)
        if not plan.empty:
            check_unmoved(plan, make_plan(ctx, plan.programme, plan.provinces))
        journal = StoreJournal(ctx.store, site=plan.site, programme=plan.programme, now=ctx.now)
        return apply_plan(
            plan,
            ctx.lms(plan.site),
            journal,
            lambda accounts: prepare_passwords(ctx, plan.site, accounts),
            progress,
        )


@contextmanager
def _only_writer(ctx: Context, site: str) -> Iterator[None]:
    """Hold the site's lock file; the system lets go of it when the process ends, however it ends."""
    path = ctx.settings.state_dir / f"{site}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise UnsafePlanError(
                _("Another apply on the site '{site}' is running.").format(site=site),
                hint=_("Wait until it has ended, then make a new plan."),
            ) from None
        yield
