"""Use case: give a person all that we hold of him, or erase it as far as the law lets us.

Whoever is on a department's list in force is trained by duty of state bodies (Law 91/2025 article 19.1c), and a
register of certificates is to be kept (reference/vietnam-facts.md section 5.2): both refuse, with the reason. The order
is passed on to the platform as a plan that closes the account (connector/jobs/closing.py), and to its operator as a
file, since no web service deletes an account for good.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.acts import act_of, record_act
from connector.language import _
from connector.mappers.roster import phone_of_text
from connector.model import Kind, Learner, Origin, mask_phone
from connector.store.acts import DataAct
from connector.store.journal_lines import SENT
from connector.store.person import KEPT_ALWAYS, KEPT_WITH_CERTIFICATE, Identity, sensitivity
from connector.store.store import Transaction
from connector.sync.closing import still_open
from connector.sync.mapping import AccountMapper
from connector.sync.state import OwnedItem

SEALED = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was or would be erased, by table; what is kept, with the reason.

    `on_platform` is what stands there by our doing: kind, cohort or course, the platform's number. `open_there` counts
    what of it still lets the person do something.
    """

    erased: Mapping[str, int]
    kept: Mapping[str, str]
    on_platform: tuple[tuple[str, str, str, str], ...]
    open_there: int = 0
    order: Path | None = None


def export_person(ctx: Context, phone_text: str, out: Path) -> Mapping[str, int]:
    """Write all that we hold of the person to `out` as JSON, table by table; how many rows, by table.

    Each value stands under a label that people can read, with the kind of data it is. Sealed passwords are left out.
    Raises ConfigError when nothing is held.
    """
    phone = phone_of_text(phone_text)
    with ctx.store.begin() as tx:
        who = _identity(ctx, tx, phone)
        found = dict(tx.person.rows(who))
    if not found.keys() - KEPT_ALWAYS:
        raise _nothing()
    record_act(ctx, DataAct.EXPORTED, phone=phone, what=str(out))
    content = {
        _("made at"): ctx.now().isoformat(timespec="seconds"),
        _("phone numbers"): list(who.phones),
        _("usernames"): list(who.usernames),
        _("data"): [
            {
                _("what"): table_labels().get(name, name),
                _("table"): name,
                _("rows"): [_labelled(name, row) for row in rows],
            }
            for name, rows in found.items()
        ],
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.touch(mode=0o600)
    out.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=_text) + "\n", encoding="utf-8")
    return {name: len(rows) for name, rows in found.items()}


def erase_person(ctx: Context, phone_text: str, *, really: bool, operator_closes: bool = False) -> Erasure:
    """Erase what we hold of the person, of every site, in one transaction, or (not `really`) tell what that would be.

    Raises ConfigError when nothing is held, when a list in force names him, when the outcome of a change is open, and
    (`really`) while an account of his is open on a platform, unless its operator closes it by the order.
    """
    with ctx.store.begin() as tx:
        who = erasable(ctx, tx, phone_text)
        counts = tx.person.counts(who)
        kept = _kept(counts)
        owned = owned_by(ctx, tx, who)
        on_platform = tuple(
            (site, row.kind.value, _place(row), row.remote_id) for site, rows in owned.items() for row in rows
        )
        open_there = sum(len(still_open(rows)) for rows in owned.values())
        if not really:
            erased = {name: count for name, count in counts.items() if name not in kept}
            return Erasure(erased=erased, kept=kept, on_platform=on_platform, open_there=open_there)
        if open_there and not operator_closes:
            raise _open_there(who)
        order = _order(ctx, who, on_platform)
        tx.acts.record(act_of(ctx, DataAct.ERASED, phone=who.phones[0], what=str(order)))
        erased = tx.person.erase(who, sorted(kept))
    return Erasure(erased=erased, kept=kept, on_platform=on_platform, order=order)


def owned_by(ctx: Context, tx: Transaction, who: Identity) -> dict[str, list[OwnedItem]]:
    """What is ours of this person, by each configured site on which anything is. Reads only."""
    found = {
        site: [row for name in who.usernames for row in tx.ledger.of_username(site, name)]
        for site in sorted(ctx.settings.sites)
    }
    return {site: rows for site, rows in found.items() if rows}


def erasable(ctx: Context, tx: Transaction, phone_text: str) -> Identity:
    """The person whom this number names, of whom something is held that may be erased. Reads only.

    Raises ConfigError when nothing is held, when a list in force names him, or when the outcome of a change is open.
    """
    who = _identity(ctx, tx, phone_of_text(phone_text))
    _may_be_erased(tx, who, tx.person.counts(who))
    return who


def _open_there(who: Identity) -> ConfigError:
    return ConfigError(
        _("The account of {person} is still open on the platform; once erased here, it is nobody's business.").format(
            person=mask_phone(who.phones[0])
        ),
        hint=_(
            "Close it first: 'connector person erase PHONE --out close.json', then 'connector apply close.json'."
            " If the site can do neither, let its operator do it by the order: --operator-closes."
        ),
    )


def _identity(ctx: Context, tx: Transaction, phone: str) -> Identity:
    """The person by his number, whether or not he is registered: his usernames follow from the number."""
    somebody = Learner(
        phone=phone,
        full_name="x",
        province_code="01",
        commune_code=None,
        workplace="",
        position="",
        origin=Origin(file="", sheet="", row=0),
    )
    return tx.person.identity(
        phone, *(AccountMapper(site.accounts).username(somebody) for site in ctx.settings.sites.values())
    )


def _may_be_erased(tx: Transaction, who: Identity, counts: Mapping[str, int]) -> None:
    if not counts.keys() - KEPT_ALWAYS:
        raise _nothing()
    if tx.person.is_listed(who):
        raise ConfigError(
            _("{person} is on a department's list in force; state bodies train their officials by law.").format(
                person=mask_phone(who.phones[0])
            ),
            hint=_("Answer the person with this reason; or let the department take him off its list, then erase."),
        )
    open_lines = [
        row for name, rows in tx.person.rows(who) if name == "journal" for row in rows if row["state"] == SENT
    ]
    if open_lines:
        raise ConfigError(
            _("The outcome of a change of this person on the platform is not known yet."),
            hint=_("Run 'connector plan' and 'connector apply' first."),
        )


def _kept(counts: Mapping[str, int]) -> dict[str, str]:
    kept = {
        name: _("the log of acts stays, without the number of the person") for name in counts if name in KEPT_ALWAYS
    }
    if "register" in counts:
        reason = _("the register of certificates and what it rests on is kept by law")
        kept |= {name: reason for name in counts if name in KEPT_WITH_CERTIFICATE}
    return kept


def _place(row: OwnedItem) -> str:
    return "" if row.kind is Kind.ACCOUNT else row.key[0]


def _order(ctx: Context, who: Identity, on_platform: tuple[tuple[str, str, str, str], ...]) -> Path:
    """The order to the platform's operator, as a file that only its owner can read."""
    now = ctx.now()
    path = ctx.settings.state_dir / "orders" / f"erase-{now:%Y%m%d-%H%M%S}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    content = {
        "order": _("Delete this person's account and all that belongs to it; a request for erasure stands behind it."),
        "made_at": now.isoformat(timespec="seconds"),
        "usernames": list(who.usernames),
        "ours": [
            {"site": site, "kind": kind, "container": place, "remote_id": number}
            for site, kind, place, number in on_platform
        ],
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _nothing() -> ConfigError:
    return ConfigError(
        _("Nothing is held of a person with this number."),
        hint=_("Check the number."),
    )


def _labelled(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {_label(table, name): SEALED if isinstance(value, bytes) else value for name, value in row.items()}


def _label(table: str, column: str) -> str:
    kinds = {"basic": _("{label} (basic data)"), "sensitive": _("{label} (sensitive data)")}
    label = column_labels().get(column, column)
    return kinds.get(sensitivity(table, column), "{label}").format(label=label)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def table_labels() -> dict[str, str]:
    """What people call the tables that hold persons."""
    return {
        "roster_rows": _("rows of departments' lists and own registrations"),
        "registrations": _("registration"),
        "ledger": _("what the connector keeps on the platform"),
        "journal": _("changes sent to the platform"),
        "first_passwords": _("first password (sealed)"),
        "password_reissues": _("new first password (sealed)"),
        "handout_people": _("hand-out of the first password"),
        "mirror_accounts": _("account on the platform"),
        "mirror_memberships": _("cohort membership"),
        "mirror_enrolments": _("enrolment and last access"),
        "mirror_results": _("topic results"),
        "mirror_issues": _("certificate issues"),
        "mirror_events": _("history of changes on the platform"),
        "mirror_reads": _("times of reading"),
        "quarantine": _("rows that could not be understood"),
        "outside_results": _("attendance and results from outside the platform"),
        "verdicts": _("verdict"),
        "exemptions": _("exemption"),
        "cases": _("case"),
        "register": _("register of certificates"),
        "certificate_events": _("history of the certificate"),
        "renames": _("change of number"),
        "hand_decisions": _("decision on an edit by hand"),
        "acts": _("who looked up, exported or corrected the data"),
    }


def column_labels() -> dict[str, str]:
    """What people call the columns that tell something about a person."""
    return {
        "phone": _("phone number"),
        "username": _("username"),
        "full_name": _("full name"),
        "workplace": _("workplace"),
        "position": _("position"),
        "province_code": _("province code"),
        "commune_code": _("commune code"),
        "programme": _("programme"),
        "site": _("platform"),
        "course": _("course"),
        "activity": _("topic"),
        "grade": _("grade"),
        "done": _("completed"),
        "completed_at": _("completed at"),
        "last_access": _("last access"),
        "last_course_access": _("last access to the course"),
        "issued_at": _("issued at"),
        "register_no": _("register number"),
        "serial": _("certificate code"),
        "state": _("state"),
        "file": _("file"),
        "sheet": _("sheet"),
        "source_row": _("row"),
        "passed": _("passed"),
        "reasons": _("reasons"),
        "at": _("moment"),
        "value": _("value"),
    }
