"""The words of scheduled jobs: how a tick ended, and what was counted."""

from collections.abc import Mapping

from connector.cli.run_tables import count_words, moment_text
from connector.jobs.service.kinds import Ended
from connector.language import _
from connector.store.ticks import RETRY, RUNNING, Tick


def tick_text(tick: Tick) -> str:
    """What became of a tick, in words."""
    words = {
        RUNNING: _("is running"),
        RETRY: _("will be tried again at {when}").format(when=moment_text(tick.retry_at)),
        Ended.DONE: _("done"),
        Ended.NOTHING: _("nothing to do"),
        Ended.WAITING: _("waits for approval"),
        Ended.PARTLY: _("done in part"),
        Ended.UNSAFE: _("unsafe, not done"),
        Ended.FAILED: _("failed"),
        Ended.MISSED: _("missed"),
        Ended.SUPERSEDED: _("superseded by a later one"),
    }
    return words[tick.state]


def tick_counts_text(counts: Mapping[str, int]) -> str:
    """The counts of a tick that are not zero."""
    words = count_words() | _counted()
    return ", ".join(f"{words.get(name, name)}: {count}" for name, count in counts.items() if count)


def _counted() -> dict[str, str]:
    return {
        "changes": _("changes planned"),
        "held": _("held back"),
        "coalesced": _("earlier ticks made up for at once"),
        "taken": _("lists taken"),
        "known": _("lists known already"),
        "aside": _("lists not taken"),
        "answers": _("error workbooks not mended yet"),
        "in_use": _("files still in use"),
        "learners_read": _("learners read"),
        "requests": _("requests"),
        "odd": _("rows not understood"),
        "judged": _("judged"),
        "passed": _("passed"),
        "changed": _("verdicts changed"),
        "cases": _("new cases"),
        "decided": _("decided"),
        "granted": _("released"),
        "issued": _("issued and registered"),
        "waiting": _("not issued yet"),
        "withdrawn": _("withdrawn"),
        "unapproved": _("certificates awaiting approval"),
        "handed_out": _("passwords destroyed after hand-out"),
        "logged_in": _("passwords destroyed after login"),
        "old": _("passwords destroyed for their age"),
        "ticks": _("lines of job history deleted"),
        "incidents": _("incidents deleted"),
        "history": _("rows of platform history deleted"),
        "gone": _("mirrored rows deleted"),
        "quarantine": _("rows not understood, deleted"),
        "journal": _("journal lines deleted"),
        "old_lists": _("rows of old lists deleted"),
    }
