"""A plan for people to read: a table by province and kind, sentences, and a Markdown page. Persons are masked."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from connector.language import _
from connector.model import Kind, mask_phone
from connector.places import province_by_code
from connector.settings import HOME
from connector.sync.change import Action, Change
from connector.sync.losses import loss_notices
from connector.sync.plan import Plan
from connector.sync.words import kind_word

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A table fit to be printed: headings, one row for each province in code order, the last row the total."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def summary_rows(plan: Plan) -> Rows:
    """How many changes there are by province and by what they do; columns without any are left out."""
    counts: dict[str, Counter[str]] = {}
    for change in plan.changes:
        counts.setdefault(change.province_code, Counter())[_column(change)] += 1
    for held in plan.held:
        counts.setdefault(held.change.province_code, Counter())["held"] += 1
    total = sum(counts.values(), Counter[str]())
    labels = {name: label for name, label in _labels().items() if total[name]}
    rows = [_row(code, province_name(code), counts[code], labels) for code in sorted(counts)]
    return Rows(
        headings=(_("Code"), _("Province"), *labels.values()),
        rows=(*rows, _row("", _("Total"), total, labels)),
    )


def to_markdown(plan: Plan) -> str:
    """The plan as a Markdown page: counts, what takes access away and its cost, what is held back, what is left."""
    table = summary_rows(plan)
    lines = [f"# {title(plan)}", "", *origin(plan), ""]
    lines += [f"**{condition}**\n" for condition in conditions(plan)]
    if plan.empty:
        lines += [_("No changes."), ""]
    if plan.changes or plan.held:
        lines += [_cells(table.headings), _cells("---" for _heading in table.headings), *map(_cells, table.rows), ""]
    lines += _section(_("What is lost"), list(loss_notices(plan)))
    lines += _section(_("What takes access away"), [_removal(one) for one in plan.changes if one.takes_access])
    lines += _section(_("Left to people"), notices(plan))
    return "\n".join(lines)


def title(plan: Plan) -> str:
    """What the plan is for, in one line."""
    return _("Plan for programme {programme} on site {site}").format(programme=plan.programme, site=plan.site)


def origin(plan: Plan) -> list[str]:
    """When and by whom the plan was made, and for which provinces if not for all."""
    made = _("Made at {when} by {author}. Checksum {checksum}.").format(
        when=f"{plan.created_at.astimezone(HOME):%Y-%m-%d %H:%M}", author=plan.author or "-", checksum=plan.checksum
    )
    only = _("Only for: {provinces}.").format(provinces=", ".join(map(province_name, plan.provinces)))
    return [made, only] if plan.provinces else [made]


def province_name(code: str) -> str:
    """The province's name; '' stands for all of them."""
    return province_by_code(code).name if code else _("All provinces")


def notices(plan: Plan) -> list[str]:
    """What the plan does not do and why, one sentence each with what can be done; no names."""
    left = [*_held(plan), *_foreign(plan), *_by_hand(plan), *_made_by_others(plan)]
    return [*_enrolled_by_platform(plan), *left, *plan.remarks]


def conditions(plan: Plan) -> list[str]:
    """What must be known before the plan is applied: what was overridden and by whom, a freeze, a missing approval."""
    return [*_override(plan), *_pause(plan), *_approval(plan)]


def _override(plan: Plan) -> Iterator[str]:
    if plan.override is None:
        return
    yield _("OVERRIDDEN by {by}: {reason}").format(by=plan.override.by, reason=plan.override.reason)
    for reason, count in plan.override.let_through:
        yield _("{count} changes were let through that a guard held back: {reason}").format(count=count, reason=reason)


def _pause(plan: Plan) -> Iterator[str]:
    if plan.pause is not None:
        yield _("Nothing may be written before {when}: {why}").format(
            when=f"{plan.pause.until.astimezone(HOME):%Y-%m-%d %H:%M}", why=plan.pause.why
        )


def _approval(plan: Plan) -> Iterator[str]:
    if plan.needs_approval:
        yield _(
            "A second person must approve the plan, not its author {author}: connector approve PLAN.json --by NAME"
        ).format(author=plan.author)


def _labels() -> dict[str, str]:
    return {
        "cohort create": _("New cohorts"),
        "cohort update": _("Changed cohorts"),
        "account create": _("New accounts"),
        "account update": _("Changed accounts"),
        "account loss": _("Suspended accounts"),
        "membership create": _("New members"),
        "membership loss": _("Removed members"),
        "enrolment create": _("New enrolments"),
        "enrolment update": _("Changed enrolments"),
        "enrolment loss": _("Suspended enrolments"),
        "group create": _("New groups"),
        "group_membership create": _("New group members"),
        "group_membership remove": _("Removed from groups"),
        "recorded": _("Only recorded"),
        "held": _("Held back"),
    }


def _column(change: Change) -> str:
    if change.adopted:
        return "recorded"
    return f"{change.kind} loss" if change.takes_access else f"{change.kind} {change.action}"


def _row(code: str, name: str, counts: Mapping[str, int], labels: Iterable[str]) -> tuple[str, ...]:
    return (code, name, *(str(counts[column]) for column in labels))


def _removal(change: Change) -> str:
    person = mask_phone(change.username)
    verb = _("leaves") if change.action is Action.REMOVE else _("is suspended")
    return f"{change.province_code} {person} {verb}: {change.consequence}"


def _enrolled_by_platform(plan: Plan) -> Iterator[str]:
    if not plan.enrols:
        yield _(
            "No enrolment is sent: the courses enrol the cohorts' members by themselves (enrolment.method: cohort)."
        )


def _held(plan: Plan) -> Iterator[str]:
    counts = Counter((held.reason, held.final) for held in plan.held)
    for (reason, final), count in sorted(counts.items()):
        told = _("{count} changes are held back. {reason}").format(count=count, reason=reason)
        yield told if final else f"{told} {_override_hint()}"


def _override_hint() -> str:
    return _("If it is meant: connector plan --override 'the reason' (with --province for some provinces only).")


def _foreign(plan: Plan) -> Iterator[str]:
    if plan.foreign:
        yield _(
            "{count} learners have accounts that we did not make ({people}): they are left alone, without cohort and "
            "enrolment. Take them over with 'connector adopt', or let an administrator rename them."
        ).format(count=len(plan.foreign), people=_some(mask_phone(one.username) for one in plan.foreign))


def _by_hand(plan: Plan) -> Iterator[str]:
    fields = Counter((one.kind, field) for one in plan.by_hand for field in one.fields)
    for (kind, field), count in sorted(fields.items()):
        yield _(
            "{count} times somebody else has set '{field}' of a {kind} of ours, or the site does not have it: kept as "
            "it is there. See 'connector by-hand list'."
        ).format(count=count, field=field, kind=kind_word(kind))


def _made_by_others(plan: Plan) -> Iterator[str]:
    for kind in Kind:
        count = plan.made_by_others.get(kind, 0)
        if count:
            yield _("{count} wanted things ({kind}) are there already, made by others: used as they are.").format(
                count=count, kind=kind_word(kind)
            )


def _section(title: str, items: list[str]) -> list[str]:
    if not items:
        return []
    more = [_("... and {count} more").format(count=len(items) - SHOWN)] if len(items) > SHOWN else []
    return [f"## {title}", "", *(f"- {item}" for item in [*items[:SHOWN], *more]), ""]


def _some(names: Iterable[str], shown: int = 5) -> str:
    listed = list(names)
    return ", ".join([*listed[:shown], *(["..."] if len(listed) > shown else [])])


def _cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
