"""A plan as a file: one JSON document, sealed so that an edited or cut file is noticed.

The seal is no protection against a person who means harm and can compute it; it is one against editors, merges and
half-written files. A plan file holds names and phone numbers.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connector.errors import BrokenData
from connector.language import _
from connector.model import CertificateState, Kind
from connector.sync.actual import ShortRead
from connector.sync.codec import change_from, change_values
from connector.sync.consequences import Stakes
from connector.sync.diff import ByHand, Foreign, HandEdit
from connector.sync.plan import Held, Override, Pause, Plan
from connector.sync.state import People

FORMAT = "connector-plan"
VERSION = 3
BODY = ',\n"body":'


def to_json(plan: Plan) -> str:
    """The plan as a compact JSON text that `from_json` reads. Nothing is written."""
    body = {
        "programme": plan.programme,
        "site": plan.site,
        **terms_of(plan),
        "changes": [change_values(change) for change in plan.changes],
        "held": [[held.reason, held.final, change_values(held.change)] for held in plan.held],
        "foreign": [[one.username, one.province_code] for one in plan.foreign],
        "by_hand": [
            [one.kind, one.key, one.province_code, [[edit.field, edit.ours, edit.theirs] for edit in one.edits]]
            for one in plan.by_hand
        ],
        "made_by_others": plan.made_by_others,
        "people": {code: [people.owned, people.registered] for code, people in plan.people.items()},
        "short_reads": [
            [short.kind, short.place, short.owned, short.found, short.failure] for short in plan.short_reads
        ],
        "stakes": {username: _stakes_values(stakes) for username, stakes in plan.stakes.items()},
        "cohort_unenrol": plan.cohort_unenrol,
        "needs_approval": plan.needs_approval,
        "remarks": plan.remarks,
        "pause": [plan.pause.why, plan.pause.until.isoformat()] if plan.pause else None,
    }
    text = _dump(body)
    head = {"format": FORMAT, "version": VERSION, "checksum": plan.checksum, "seal": _seal(text)}
    return f"{_dump(head)[:-1]}{BODY}{text}}}"


def terms_of(plan: Plan) -> dict[str, Any]:
    """What the plan was made under, as JSON values, also for the run that applies it: `remake` needs it."""
    return {
        "created_at": plan.created_at.isoformat(),
        "provinces": list(plan.provinces),
        "recipe": list(plan.recipe),
        "enrols": plan.enrols,
        "author": plan.author,
        "override": [plan.override.by, plan.override.reason, plan.override.let_through] if plan.override else None,
    }


def from_json(text: str) -> Plan:
    """The plan in this text. Raises BrokenData for a file that is cut, edited, foreign or of another version."""
    border = text.find(BODY)
    document = _parsed(text if border < 0 else text[:border] + "}")
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BrokenData(_("This is not a plan."), hint=_("Give the file that 'connector plan --out' has written."))
    if document.get("version") != VERSION:
        raise BrokenData(
            _("This plan was written by another version of the connector."), hint=_("Make a new plan and apply that.")
        )
    # The body is read where it stands: a copy of the whole text would cost as much memory as the plan.
    start, end = border + len(BODY), len(text.rstrip()) - 1
    if border < 0 or document.get("seal") != _seal(text[start:end]):
        raise BrokenData(
            _("This plan was changed after it was made, or is cut off: its checksum does not fit its content."),
            hint=_("Make a new plan and apply that; a plan is never edited by hand."),
        )
    plan = _plan(json.JSONDecoder().raw_decode(text, start)[0])
    if document.get("checksum") != plan.checksum:
        raise BrokenData(_("The checksum of this plan is not its own."), hint=_("Make a new plan and apply that."))
    return plan


def _plan(body: Mapping[str, Any]) -> Plan:
    return Plan(
        programme=body["programme"],
        site=body["site"],
        created_at=datetime.fromisoformat(body["created_at"]),
        provinces=tuple(body["provinces"]),
        recipe=tuple(body.get("recipe", ())),
        enrols=body.get("enrols", True),
        changes=tuple([change_from(values) for values in body["changes"]]),
        held=tuple(
            Held(reason=reason, final=final, change=change_from(values)) for reason, final, values in body["held"]
        ),
        foreign=tuple(Foreign(username=name, province_code=code) for name, code in body["foreign"]),
        by_hand=tuple(_by_hand(body["by_hand"])),
        made_by_others={Kind(kind): count for kind, count in body["made_by_others"].items()},
        people={code: People(owned=owned, registered=there) for code, (owned, there) in body["people"].items()},
        short_reads=tuple(
            ShortRead(kind=Kind(kind), place=place, owned=owned, found=found, failure=failure)
            for kind, place, owned, found, failure in body["short_reads"]
        ),
        author=body["author"],
        override=_override(body["override"]),
        stakes={username: _stakes(values) for username, values in body["stakes"].items()},
        cohort_unenrol=body["cohort_unenrol"],
        needs_approval=body["needs_approval"],
        remarks=tuple(body["remarks"]),
        pause=Pause(why=body["pause"][0], until=datetime.fromisoformat(body["pause"][1])) if body["pause"] else None,
    )


def _by_hand(rows: Iterable[Any]) -> Iterable[ByHand]:
    for kind, key, code, edits in rows:
        known = tuple(HandEdit(field=name, ours=ours, theirs=theirs) for name, ours, theirs in edits)
        yield ByHand(kind=Kind(kind), key=tuple(key), province_code=code, edits=known)


def _override(values: Any) -> Override | None:
    if values is None:
        return None
    by, reason, let_through = values
    return Override(by=by, reason=reason, let_through=tuple((why, count) for why, count in let_through))


def _stakes_values(stakes: Stakes) -> list[Any]:
    last_visit = stakes.last_visit.isoformat() if stakes.last_visit else None
    return [stakes.done, stakes.grades, sorted(stakes.enrolled), stakes.certificate, last_visit, stakes.mirrored]


def _stakes(values: Any) -> Stakes:
    done, grades, enrolled, certificate, last_visit, mirrored = values
    return Stakes(
        done=done,
        grades=grades,
        enrolled=frozenset(enrolled),
        certificate=CertificateState(certificate) if certificate else None,
        last_visit=datetime.fromisoformat(last_visit) if last_visit else None,
        mirrored=mirrored,
    )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise BrokenData(
            _("The plan cannot be read: it is cut off or not JSON."), hint=_("Make a new plan and apply that.")
        ) from None


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _seal(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
