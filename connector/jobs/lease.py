"""One writer for each site, over all processes and hosts that share the database.

A process that hangs keeps its lease as long as it lives: it might still send. Before each batch the journal makes sure,
in the transaction that announces the batch, that the lease is still held (connector/store/journal.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from connector.context import Context
from connector.errors import UnsafePlanError
from connector.language import _
from connector.mappers.roster_moment import HERE
from connector.store.heartbeat import kept_alive
from connector.store.leases import Lease


@contextmanager
def only_writer(ctx: Context, site: str) -> Iterator[Lease]:
    """Hold the site's lease while the block runs. Raises UnsafePlanError, naming the holder, when somebody has it."""
    with ctx.store.begin() as tx:
        lease, mine = tx.leases.take(_name(site), ctx.caller, ctx.now())
    if not mine:
        raise _held(site, lease)
    with kept_alive(ctx.store, lease, ctx.now):
        yield lease


@contextmanager
def only_one(ctx: Context, name: str) -> Iterator[bool]:
    """Hold the lease of this name while the block runs, if it can be had: the block is told whether it is."""
    with ctx.store.begin() as tx:
        lease, mine = tx.leases.take(name, ctx.caller, ctx.now())
    if not mine:
        yield False
        return
    with kept_alive(ctx.store, lease, ctx.now):
        yield True


def writer(ctx: Context, site: str) -> Lease | None:
    """Who writes to this site now; None when nobody does, or he is surely gone. Reads only."""
    with ctx.store.begin() as tx:
        lease = tx.leases.find(_name(site))
        if lease is None or tx.leases.may_be_taken(lease, ctx.caller, ctx.now()):
            return None
    return lease


def _name(site: str) -> str:
    return f"site:{site}"


def _held(site: str, lease: Lease) -> UnsafePlanError:
    run = _("run {run}").format(run=lease.run_id) if lease.run_id else _("a run that is about to begin")
    since = f"{lease.since.astimezone(HERE):%H:%M:%S %d/%m/%Y}"
    return UnsafePlanError(
        _(
            "Another apply on the site '{site}' is running: {run}, by {who} on {host}, process {pid}, since {since}."
        ).format(site=site, run=run, who=lease.who, host=lease.host, pid=lease.pid, since=since),
        hint=_("Wait until it has ended, then make a new plan. One that was killed gives way within a minute."),
    )
