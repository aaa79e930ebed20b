"""Use case: who is registered and how far each has come; the clean lists; who has been told of his account."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from connector.context import Context
from connector.jobs.acts import record_act
from connector.jobs.people import people_on, registrations_of
from connector.jobs.plan import check_provinces
from connector.language import _
from connector.model import Kind, Registration, RegistrationState
from connector.places import province_by_code
from connector.programmes.definition import Programme
from connector.rosters.consolidated import file_name, in_list_order, write_consolidated
from connector.store.acts import DataAct


class Stage(StrEnum):
    """How far a person has come: what the lists say, and then what was made of it."""

    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    PROVISIONED = "provisioned"
    INFORMED = "informed"
    CONFLICT = "conflict"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One person of a programme. `late`: he registered himself after the programme's day."""

    registration: Registration
    stage: Stage
    late: bool


def registered_people(
    ctx: Context, programme_key: str | None = None, provinces: Sequence[str] = (), stages: Iterable[Stage] = ()
) -> list[Registered]:
    """The people of the programme (of these provinces and stages, if any), by province, commune and name.

    PROVISIONED: our ledger holds the account. INFORMED: he was noted as told, or has logged in. Reads the database
    only. Raises ConfigError for an unknown province.
    """
    check_provinces(provinces)
    programme = ctx.programme(programme_key)
    registrations = registrations_of(ctx, programme, provinces)
    with_account, seen = _on_sites(ctx, programme, registrations)
    with ctx.store.begin() as tx:
        informed = tx.registrations.informed(programme.key)
    wanted = set(stages)
    found = {}
    for item in registrations:
        phone = item.learner.phone
        stage = _stage(item, has_account=phone in with_account, told=phone in informed or phone in seen)
        moment = item.learner.registered_at
        if not wanted or stage in wanted:
            late = moment is not None and programme.is_late(moment)
            found[item.learner.phone] = Registered(registration=item, stage=stage, late=late)
    return [found[learner.phone] for learner in in_list_order(one.registration.learner for one in found.values())]


def _on_sites(ctx: Context, programme: Programme, registrations: Sequence[Registration]) -> tuple[set[str], set[str]]:
    """The phones of those who have an account of ours on the site that serves them, and of who has logged in on any."""
    with_account: set[str] = set()
    seen: set[str] = set()
    for here in programme.by_site:
        phone_of = people_on(ctx, here, registrations).phone_of
        serves = {item.learner.phone for item in registrations if here.serves(item.learner.province_code)}
        with ctx.store.begin() as tx:
            accounts = tx.ledger.usernames(here.site, Kind.ACCOUNT)
            last_access = tx.mirror.accounts(here.site)
        with_account |= {phone_of[name] for name in accounts if name in phone_of} & serves
        seen |= {phone_of[name] for name, last in last_access.items() if last is not None and name in phone_of}
    return with_account, seen


def count_stages(people: Iterable[Registered]) -> dict[str, Counter[Stage]]:
    """How many people are at which stage, by province code."""
    counted: dict[str, Counter[Stage]] = {}
    for one in people:
        counted.setdefault(one.registration.learner.province_code, Counter())[one.stage] += 1
    return counted


def export_lists(
    ctx: Context,
    programme_key: str | None = None,
    provinces: Sequence[str] = (),
    *,
    folder: Path | None = None,
    awaiting: bool = False,
) -> list[Path]:
    """Write the clean list of each province, and of the country when no province is named; the files' paths.

    Everybody who takes part; with `awaiting` instead those who registered themselves and whom no department has
    confirmed yet: sent back by the department, that list is the confirmation. Conflicts are in neither.

    The names are unlike those of the departments' own files, and of a later list: a file that comes back under the name
    of an earlier one would take its place (connector/rosters/succession.py).
    """
    chosen = (Stage.REGISTERED,) if awaiting else (Stage.CONFIRMED, Stage.PROVISIONED, Stage.INFORMED)
    learners = [one.registration.learner for one in registered_people(ctx, programme_key, provinces, chosen)]
    moment = ctx.now().astimezone(ctx.programme(programme_key).zone)
    start = f"cho_xac_nhan_{moment:%Y%m%d_%H%M%S}" if awaiting else "tong_hop_phu_luc_01"
    target = folder or ctx.settings.state_dir / "lists" / ("awaiting" if awaiting else "consolidated")
    record_act(ctx, DataAct.EXPORTED, what=_("lists of {count} people").format(count=len(learners)))
    target.mkdir(parents=True, exist_ok=True)
    files = []
    for code, group in groupby(learners, key=lambda one: one.province_code):
        province = province_by_code(code)
        files.append(target / file_name(start, province))
        write_consolidated(list(group), province, files[-1])
    if not provinces and learners:
        files.append(target / file_name(start, None))
        write_consolidated(learners, None, files[-1])
    return files


def mark_informed(ctx: Context, programme_key: str | None = None, provinces: Sequence[str] = ()) -> int:
    """Note that everybody who has an account (in these provinces, if any) has been told of it; how many are new."""
    programme = ctx.programme(programme_key)
    people = registered_people(ctx, programme.key, provinces, (Stage.PROVISIONED,))
    with ctx.store.begin() as tx:
        phones = [one.registration.learner.phone for one in people]
        return tx.registrations.mark_informed(programme.key, phones, ctx.now())


def _stage(item: Registration, *, has_account: bool, told: bool) -> Stage:
    if item.state is not RegistrationState.CONFIRMED:
        return Stage(item.state.value)
    if not has_account:
        return Stage.CONFIRMED
    return Stage.INFORMED if told else Stage.PROVISIONED
