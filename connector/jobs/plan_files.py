"""Use case: a plan as files. The .json is what apply takes; .md and .xlsx are for people to read."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.apply import save_plan
from connector.jobs.people import names_of
from connector.language import _
from connector.reports.plain_xlsx import Grid, Page, write_pages
from connector.sync.change import Change
from connector.sync.lines import deed, detail, who
from connector.sync.losses import loss_notices, losses_of
from connector.sync.plan import Plan
from connector.sync.render import conditions, notices, origin, province_name, summary_rows, title, to_markdown
from connector.sync.words import kind_word

FORMATS = ("json", "md", "xlsx")
# Excel has room for a million rows, but nobody reads more than this; the .json holds all.
LISTED = 100_000
Names = Mapping[str, str]


def check_plan_file(path: Path) -> None:
    """Pass if a plan can be written to a file of this name. Raises ConfigError naming the endings that there are."""
    if path.suffix.lower().removeprefix(".") not in FORMATS:
        raise ConfigError(
            _("A plan cannot be written as {name}.").format(name=path.name),
            hint=_("Let the file's name end in .json (for apply), .md or .xlsx (to be read)."),
        )


def write_plan(ctx: Context, plan: Plan, path: Path) -> None:
    """Write the plan as the file's ending says, readable by its owner only: it names people.

    Raises ConfigError for another ending, and when the file cannot be written; then what was there stays.
    """
    check_plan_file(path)
    if path.suffix.lower() == ".json":
        save_plan(plan, path)
        return
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        if path.suffix.lower() == ".md":
            draft.write_text(to_markdown(plan), encoding="utf-8")
        else:
            write_pages(
                pages_of(plan, names_of(ctx, ctx.on(plan.site).programme(plan.programme), _usernames(plan))), draft
            )
        draft.replace(path)
    except OSError as error:
        raise ConfigError(
            _("The plan cannot be written to {path}: {why}.").format(path=path, why=error.strerror)
        ) from None
    finally:
        draft.unlink(missing_ok=True)


def pages_of(plan: Plan, names: Names, listed: int = LISTED) -> Iterator[Page]:
    """The sheets of a plan: the summary, then lists of people with full names, `listed` at most; none is empty."""
    yield _summary(plan)
    losing = [change for change in plan.changes if change.takes_access]
    others = [change for change in plan.changes if not change.takes_access]
    for name, caption, headings, rows in (
        (_("Losses"), _("Who loses something"), _loss_headings(), [_loss(one, names) for one in losing]),
        (_("Held back"), _("What guards hold back"), _held_headings(), list(_held(plan, names))),
        (_("Left to people"), _("What was set by others and stays as it is"), _by_hand_headings(), _left(plan, names)),
        (_("Changes"), _("All other changes"), _change_headings(), _listed(others, names)),
    ):
        if rows:
            cut = [_("Only the first {count} are listed.").format(count=listed)] if len(rows) > listed else []
            grid = Grid(headings=headings, rows=islice(rows, listed))
            yield Page(name=name, title=caption, lines=cut, grids=[grid])


def _summary(plan: Plan) -> Page:
    table = summary_rows(plan)
    counts = Grid(
        headings=[(heading, 18 if number == 1 else 12) for number, heading in enumerate(table.headings)],
        rows=[(*row[:2], *map(int, row[2:])) for row in table.rows],
    )
    headings = [_("Code"), _("Province"), _("People who lose access"), _("Have done topics"), _("With certificate")]
    headings += [_("Lose grades"), _("Grades")]
    losses = Grid(
        headings=[(heading, 12) for heading in headings],
        rows=[
            (
                one.province_code,
                province_name(one.province_code),
                one.people,
                one.studied,
                one.certified,
                one.dropping,
                one.grades,
            )
            for one in losses_of(plan)
        ],
    )
    grids = [grid for grid in (counts, losses) if list(grid.rows)]
    lines = [*origin(plan), *loss_notices(plan), *notices(plan)]
    return Page(name=_("Summary"), title=title(plan), warnings=conditions(plan), lines=lines, grids=grids)


def _usernames(plan: Plan) -> set[str]:
    every = (*plan.changes, *(held.change for held in plan.held))
    found = {change.username for change in every} | {one.username for one in plan.foreign}
    return found | {one.key[-1] for one in plan.by_hand}


def _person_headings() -> list[tuple[str, float]]:
    return [(_("Province"), 16), (_("Full name"), 24), (_("Phone"), 14)]


def _loss_headings() -> list[tuple[str, float]]:
    return [*_person_headings(), (_("Change"), 26), (_("What it costs"), 70)]


def _held_headings() -> list[tuple[str, float]]:
    return [*_person_headings(), (_("Change"), 26), (_("Why it is held back"), 60), (_("What it costs"), 40)]


def _change_headings() -> list[tuple[str, float]]:
    return [*_person_headings(), (_("Change"), 30), (_("In detail"), 60)]


def _by_hand_headings() -> list[tuple[str, float]]:
    return [*_person_headings(), (_("What"), 26), (_("Field"), 18), (_("Ours"), 30), (_("On the platform"), 30)]


def _loss(change: Change, names: Names) -> tuple[str, ...]:
    return (*who(change.province_code, change.username, names), deed(change), change.consequence)


def _held(plan: Plan, names: Names) -> Iterator[tuple[str, ...]]:
    for held in plan.held:
        person = who(held.change.province_code, held.change.username, names)
        yield (*person, deed(held.change), held.reason, held.change.consequence)


def _listed(changes: Iterable[Change], names: Names) -> list[tuple[str, ...]]:
    return [
        (*who(one.province_code, one.username, names), deed(one), one.consequence or detail(one)) for one in changes
    ]


def _left(plan: Plan, names: Names) -> list[tuple[str, ...]]:
    foreign = [
        (*who(one.province_code, one.username, names), _("account that we did not make"), "", "", "")
        for one in plan.foreign
    ]
    by_hand = [
        (*who(one.province_code, one.key[-1], names), kind_word(one.kind), edit.field, str(edit.ours), str(edit.theirs))
        for one in plan.by_hand
        for edit in one.edits
    ]
    return [*foreign, *by_hand]
