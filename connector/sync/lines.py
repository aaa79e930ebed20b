"""The changes of a plan one by one, as cells of a table that a person reads. Phones are masked."""

from collections.abc import Mapping

from connector.language import _
from connector.model import Account, Cohort, Enrolment, Item, Kind, mask_phone
from connector.sync.change import Action, Change
from connector.sync.fields import PLAIN
from connector.sync.render import province_name
from connector.sync.words import action_word, kind_word


def who(province_code: str, username: str, names: Mapping[str, str]) -> tuple[str, str, str]:
    """Province, full name and masked phone of the person of this username; empty where there is none."""
    return province_name(province_code), names.get(username, ""), mask_phone(username) if username else ""


def deed(change: Change) -> str:
    """What is done to what: 'enrolment bkhcn-2025-01: suspend'."""
    place = change.key[0] if change.kind is not Kind.ACCOUNT else ""
    what = " ".join(filter(None, (kind_word(change.kind), place)))
    verb = action_word(change.action)
    if change.adopted:
        verb = _("only record")
    elif change.takes_access and change.action is Action.UPDATE:
        verb = _("suspend")
    return f"{what}: {verb}"


def detail(change: Change) -> str:
    """What a change of something that is there alters, field by field; for a new thing nothing."""
    before, after = _values(change.before), _values(change.after)
    if not before or not after:
        return ""
    names = [name for name in after if before.get(name, "") != after[name]]
    return "; ".join(f"{name}: {before.get(name, '') or '-'} → {after[name] or '-'}" for name in names)


def _values(item: Item | None) -> dict[str, str]:
    match item:
        case Account():
            values = {name: str(getattr(item, name)) for name in PLAIN}
            return values | dict(item.fields) | dict(item.profile)
        case Enrolment():
            moments = {"starts_at": item.starts_at, "ends_at": item.ends_at}
            values = {name: f"{at:%Y-%m-%d %H:%M}" if at else "" for name, at in moments.items()}
            return values | {"active": str(item.active)}
        case Cohort():
            return {"name": item.name}
        case _:
            return {}
