"""How runs are shown: a table of many, one in full, or plain values for programs. Persons are masked."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table

from connector.cli.screen import plain_table, screen
from connector.jobs.closing import RECIPE as CLOSE
from connector.jobs.runs import Listed, RunStory
from connector.jobs.undo import RECIPE as UNDO
from connector.language import _
from connector.mappers.roster_moment import HERE
from connector.model import Kind
from connector.places import province_by_code
from connector.store.journal import counts_of
from connector.store.journal_lines import RunLine, Tally
from connector.store.runs import Run
from connector.sync.outcome import subject_of
from connector.sync.plan import MERGE
from connector.sync.words import action_word, kind_word


def runs_table(found: Sequence[Listed]) -> Table:
    """A line for each run."""
    headings = (
        _("Run"),
        _("Job"),
        _("Programme"),
        _("Site"),
        _("Begun"),
        _("Ended"),
        _("By"),
        _("Outcome"),
        _("Counts"),
    )
    table = plain_table(*headings)
    for one in found:
        run = one.run
        times = (moment_text(run.started_at), moment_text(run.finished_at))
        counts = counts_text(run.counts)
        table.add_row(str(run.id), run.job, run.programme, site_text(run), *times, _by(one), outcome_text(one), counts)
    return table


def print_story(story: RunStory) -> None:
    """One run in full: its head, the counts by kind and province, what was refused, what is open."""
    console = screen()
    for line in (*_head(story.listed), *_conditions(story)):
        console.print(line, markup=False)
    if story.tally:
        console.print(_tally_table(story.tally))
    for title, lines in ((_("Refused:"), story.refused), (_("Of unknown outcome:"), story.opened)):
        if lines:
            console.print(title)
        for one in lines:
            console.print(f"  {line_text(one)}", markup=False)


def _head(one: Listed) -> Iterator[str]:
    run = one.run
    yield _("Run {run}: {job} of programme {programme} on site {site}, by {who}").format(
        run=run.id, job=run.job, programme=run.programme, site=site_text(run), who=_by(one)
    )
    yield _("Begun {begun}, ended {ended}: {outcome}").format(
        begun=moment_text(run.started_at), ended=moment_text(run.finished_at), outcome=outcome_text(one)
    )
    if run.message:
        yield run.message
    if run.counts and not run.checksum:
        yield counts_text(run.counts)
    if one.broken_off:
        yield _("Go on with it: connector resume {run}").format(run=run.id)


def _conditions(story: RunStory) -> Iterator[str]:
    """Under what the plan was made: when, by whom, for which provinces, with whose word and whose approval."""
    run, terms = story.listed.run, story.listed.run.terms
    if run.checksum:
        yield _("Plan {checksum}, made {when} by {who}").format(
            checksum=run.checksum, when=_made(terms), who=terms.get("author") or "-"
        )
    if terms.get("provinces"):
        yield _("Only for the provinces {codes}").format(codes=", ".join(terms["provinces"]))
    if terms.get("recipe", [])[:1] == [UNDO]:
        yield _("It takes back run {run}").format(run=terms["recipe"][1])
    if terms.get("recipe", [])[:1] == [CLOSE]:
        yield _("It closes the account of a person who is to be erased")
    if terms.get("recipe", [])[:1] == [MERGE]:
        yield _("It merges cohorts of former provinces: {pairs}").format(pairs=", ".join(terms["recipe"][1:]))
    if terms.get("override"):
        by, reason, let_through = terms["override"]
        count = sum(number for _why, number in let_through)
        yield _("{who} let {count} held changes through: {reason}").format(who=by, count=count, reason=reason)
    for approval in story.approvals:
        yield _("Approved by {who}, {when}").format(who=approval.approver, when=moment_text(approval.approved_at))


def _tally_table(tally: Sequence[Tally]) -> Table:
    """How many changes of each kind in each province came to what."""
    headings = (_("Code"), _("Province"), _("What"), *(count_words()[name] for name in counts_of(())))
    table = plain_table(*headings)
    groups: dict[tuple[str, str], list[Tally]] = {}
    for one in tally:
        groups.setdefault((one.province_code, one.kind), []).append(one)
    for (code, kind), some in sorted(groups.items()):
        numbers = [str(count or "") for count in counts_of(some).values()]
        table.add_row(code, province_by_code(code).name if code else "", kind_word(Kind(kind)), *numbers)
    table.add_row("", _("Total"), "", *(str(count) for count in counts_of(tally).values()))
    return table


def line_text(line: RunLine) -> str:
    """One change and what became of it, with the platform's own words."""
    change = line.change
    what = f"{kind_word(change.kind)} ({action_word(change.action)}) {subject_of(change)}"
    where = f" {change.key[0]}" if len(change.key) > 1 else ""
    said = ": ".join(filter(None, (line.code, line.message)))
    return f"{what}{where}: {state_word(line.state)}" + (f": {said}" if said else "")


def line_values(line: RunLine) -> dict[str, Any]:
    """One change and what became of it, for programs; the person is masked."""
    change = line.change
    return {
        "kind": change.kind.value,
        "action": change.action.value,
        "subject": subject_of(change),
        "in": change.key[0] if len(change.key) > 1 else "",
        "province_code": change.province_code,
        "state": line.state,
        "code": line.code,
        "message": line.message,
    }


def run_values(one: Listed) -> dict[str, Any]:
    """A run for programs; times are in UTC."""
    run = one.run
    return {
        "run": run.id,
        "job": run.job,
        "programme": run.programme,
        "site": run.site,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "outcome": run.outcome,
        "alive": one.alive,
        "resumable": one.broken_off,
        "who": run.who,
        "trigger": run.trigger,
        "message": run.message,
        "checksum": run.checksum,
        "terms": dict(run.terms),
        "counts": dict(run.counts),
    }


def story_values(story: RunStory) -> dict[str, Any]:
    """A run in full, for programs."""
    by_group = Counter[tuple[str, str, str, str]]()
    for one in story.tally:
        by_group[one.kind, one.action, one.province_code, one.state] += one.count
    names = ("kind", "action", "province_code", "state", "count")
    return run_values(story.listed) | {
        "by_kind_and_province": [dict(zip(names, (*key, count), strict=True)) for key, count in by_group.items()],
        "approvals": [
            {"who": approval.approver, "when": approval.approved_at.isoformat()} for approval in story.approvals
        ],
        "refused": [line_values(line) for line in story.refused],
        "open": [line_values(line) for line in story.opened],
    }


def counts_text(counts: Mapping[str, int]) -> str:
    """The counts that are not zero, in words where there are some."""
    words = count_words()
    return ", ".join(f"{count} {words.get(name, name)}" for name, count in counts.items() if count)


def count_words() -> dict[str, str]:
    """The words for what became of changes."""
    return {
        "done": _("done"),
        "already": _("was so already"),
        "refused": _("refused"),
        "unknown": _("unknown"),
        "left": _("not tried"),
    }


def state_word(state: str) -> str:
    """The word for the state of one change."""
    others = {
        "planned": _("not tried"),
        "sent": _("sent, outcome not known yet"),
        "superseded": _("taken up by a later change"),
    }
    return (count_words() | others)[state]


def outcome_text(one: Listed) -> str:
    """How a run ended, in words."""
    if one.alive:
        return _("running")
    words = {
        "done": _("done"),
        "partly": _("done in part: something was refused or is unknown"),
        "stopped": _("stopped on the way"),
        "failed": _("failed"),
        "running": _("broken off") if one.broken_off else _("not ended: running or killed"),
    }
    return words[one.run.outcome]


def moment_text(moment: datetime | None) -> str:
    """A moment in Viet Nam's time."""
    return f"{moment.astimezone(HERE):%H:%M:%S %d/%m/%Y}" if moment else "-"


def site_text(run: Run) -> str:
    """The run's site; one over all sites of a programme bears none."""
    return run.site or _("all")


def _by(one: Listed) -> str:
    return one.run.who + (_(" (by schedule)") if one.run.trigger == "schedule" else "")


def _made(terms: Mapping[str, Any]) -> str:
    return moment_text(datetime.fromisoformat(terms["created_at"])) if "created_at" in terms else "-"
