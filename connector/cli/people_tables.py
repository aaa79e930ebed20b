"""How registered people are shown: counts by province, one line for each person, or plain values."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from connector.cli.screen import plain_table
from connector.jobs.registered import Registered, Stage, count_stages
from connector.language import _
from connector.model import mask_phone
from connector.places import commune_by_code, province_by_code


def counts_table(people: Sequence[Registered]) -> Table:
    """How many people of each province are at which stage, with totals."""
    counted = count_stages(people)
    table = plain_table(_("Province"), *(stage_words()[stage] for stage in Stage), _("Late"), show_footer=True)
    for code in sorted(counted):
        late = sum(one.late for one in people if one.registration.learner.province_code == code)
        numbers = [counted[code][stage] for stage in Stage]
        table.add_row(f"{code} {province_by_code(code).name}", *map(str, (*numbers, late)))
    totals = [sum(of_province[stage] for of_province in counted.values()) for stage in Stage]
    footers = (_("Total"), *totals, sum(one.late for one in people))
    for column, footer in zip(table.columns, footers, strict=True):
        column.footer = str(footer)
    return table


def people_table(people: Sequence[Registered]) -> Table:
    """A line for each person; the phone number is masked."""
    table = plain_table(_("Name"), _("Phone"), _("Province"), _("Commune"), _("Workplace"), _("State"), _("Row"))
    for one in people:
        learner = one.registration.learner
        stage = stage_words()[one.stage] + (_(", late") if one.late else "")
        table.add_row(
            learner.full_name,
            mask_phone(learner.phone),
            province_by_code(learner.province_code).name,
            commune_by_code(learner.commune_code).name if learner.commune_code else "",
            learner.workplace,
            stage,
            str(learner.origin),
        )
    return table


def person_values(one: Registered) -> dict[str, Any]:
    """All that is known of a person's registration, each field with the row that it comes from."""
    learner = one.registration.learner
    moment = learner.registered_at
    fields = ("full_name", "province_code", "commune_code", "workplace", "position")
    sources = dict(one.registration.sources)
    return {
        "phone": learner.phone,
        **{field: getattr(learner, field) for field in fields},
        "stage": one.stage.value,
        "late": one.late,
        "self_registered_at": moment.isoformat() if moment else None,
        "sources": {field: sources.get(field, str(learner.origin)) for field in ("phone", *fields)},
    }


def stage_words() -> dict[Stage, str]:
    """What people read for each stage."""
    return {
        Stage.REGISTERED: _("Registered himself"),
        Stage.CONFIRMED: _("Confirmed"),
        Stage.PROVISIONED: _("Has an account"),
        Stage.INFORMED: _("Informed"),
        Stage.CONFLICT: _("In conflict"),
        Stage.LEFT: _("Has left"),
    }
