"""Use case: first passwords reach people, a locked file for each province, and who got which is written down.

A file is written before it is journaled: cut off in between, a file is left that nobody can open, and the next hand-out
makes another. The other way round people would count as told who are not.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from connector.context import Context
from connector.handouts.handout import GUIDANCE, SLIP, Credentials, Handout, read_text
from connector.handouts.locked import lock_pdf, lock_workbook, new_opening_password, write_private
from connector.handouts.slips import slips_of
from connector.handouts.workbook import workbook_of
from connector.jobs.acts import record_act
from connector.jobs.people import people_of
from connector.jobs.registered import Stage, registered_people
from connector.jobs.sealing import open_vault
from connector.language import _
from connector.model import Learner
from connector.places import commune_by_code, province_by_code
from connector.programmes.definition import Programme
from connector.rosters.consolidated import file_name
from connector.store.acts import DataAct
from connector.store.handouts import GivenOut
from connector.store.passwords import Sealed
from connector.store.store import Transaction


class Form(StrEnum):
    """In which form passwords are handed out; `SCREEN` is one person's, shown on the terminal."""

    WORKBOOK = "workbook"
    SLIPS = "slips"
    SCREEN = "screen"


# People in one file: typst holds all pages of a document at once, some 200 kB for each slip.
MOST = {Form.WORKBOOK: 20_000, Form.SLIPS: 800}


class LeftOut(StrEnum):
    """Why somebody who has an account is not in a hand-out."""

    HANDED_OUT = "handed_out"
    LOGGED_IN = "logged_in"
    NONE_STORED = "none_stored"
    REISSUE_OPEN = "reissue_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How passwords are handed over: in which form, by whom, into which folder (None: the state folder's handouts/).

    Without `opening_password` each file gets its own.
    """

    form: Form
    by: str
    folder: Path | None = None
    opening_password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedFile:
    """One province's file and what opens it; the opening password is kept nowhere."""

    province_code: str
    path: Path
    count: int
    opening_password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOutOutcome:
    """The files that were written, and how many people with an account are in none, by reason."""

    files: tuple[HandedFile, ...]
    left_out: Mapping[LeftOut, int]


def hand_out(
    ctx: Context,
    delivery: Delivery,
    programme_key: str | None = None,
    provinces: Sequence[str] = (),
    *,
    again: bool = False,
    most: Mapping[Form, int] = MOST,
) -> HandOutOutcome:
    """Write a locked file for each of these provinces (all when none are named), and journal each.

    In it is everybody with an account and a stored password who was not handed it before (with `again` also who was)
    and has not logged in since. They count as informed from then on. More people than `most` become several files.
    Raises ConfigError: unknown province, a text of the hand-out that is missing or broken, a folder that cannot be
    written.
    """
    programme = ctx.programme(programme_key)
    accounts = registered_people(ctx, programme.key, provinces, (Stage.PROVISIONED, Stage.INFORMED))
    username_of = people_of(ctx, programme, provinces).username_of
    left_out: Counter[LeftOut] = Counter()
    files = []
    with ctx.store.begin() as tx:
        seen = tx.mirror.accounts(programme.site)
    for _code, group in groupby(accounts, key=lambda one: one.registration.learner.province_code):
        learners = {username_of[one.registration.learner.phone]: one.registration.learner for one in group}
        with ctx.store.begin() as tx:
            why = reasons_to_leave_out(tx, programme.site, learners, seen, again=again)
            sealed = tx.passwords.sealed(programme.site, [name for name in learners if why[name] is None])
        left_out.update(reason for reason in why.values() if reason is not None)
        people = _opened(ctx, programme.site, learners, sealed)
        step = most[delivery.form]
        for number, start in enumerate(range(0, len(people), step), start=1):
            files.append(write_handout(ctx, programme, people[start : start + step], delivery, number))
    return HandOutOutcome(files=tuple(files), left_out=left_out)


def _opened(
    ctx: Context, site: str, learners: Mapping[str, Learner], sealed: Mapping[str, Sealed]
) -> list[tuple[Learner, Credentials]]:
    vault = open_vault(ctx)
    return [
        (learner, credentials_of(learner, name, vault.open(site, sealed[name])))
        for name, learner in learners.items()
        if name in sealed
    ]


def reasons_to_leave_out(
    tx: Transaction,
    site: str,
    usernames: Iterable[str],
    seen: Mapping[str, datetime | None],
    *,
    again: bool = False,
) -> dict[str, LeftOut | None]:
    """Why each of these people would be in no hand-out now; None: he would be in one. Reads only.

    `seen` is the last access by username as the mirror has it. Only what happened after the stored password was made
    counts: a reissue begins anew.
    """
    names = list(usernames)
    stored = tx.passwords.stored(site, names)
    pending = tx.passwords.open_reissues(site, names)
    given = tx.handouts.last(site, names)

    def reason(name: str) -> LeftOut | None:
        one = stored.get(name)
        if name in pending:
            return LeftOut.REISSUE_OPEN
        if one is None or one.sealed is None:
            return LeftOut.NONE_STORED
        if (last_seen := seen.get(name)) is not None and last_seen > one.made_at:
            return LeftOut.LOGGED_IN
        if not again and name in given and given[name] >= one.made_at:
            return LeftOut.HANDED_OUT
        return None

    return {name: reason(name) for name in names}


def write_handout(
    ctx: Context,
    programme: Programme,
    people: Sequence[tuple[Learner, Credentials]],
    delivery: Delivery,
    number: int = 1,
) -> HandedFile:
    """Write the locked file of these people of one province, then note who got which and that they are informed.

    `number`: the file's, where a province has several.
    """
    code = people[0][0].province_code
    opening = delivery.opening_password or new_opening_password()
    handout = handout_of(ctx, programme, code, [credentials for _learner, credentials in people])
    content = _locked(handout, delivery.form, opening)
    path = (delivery.folder or ctx.settings.state_dir / "handouts") / _name(ctx, programme, code, delivery.form, number)
    what = _("{count} people in {path}").format(count=len(people), path=path.name)
    record_act(ctx, DataAct.HANDED_OUT, what=what, by=delivery.by)
    write_private(path, content)
    note_handout(ctx, programme, people, delivery, file=path.name, digest=sha256(content).hexdigest())
    return HandedFile(province_code=code, path=path, count=len(people), opening_password=opening)


def note_handout(
    ctx: Context,
    programme: Programme,
    people: Sequence[tuple[Learner, Credentials]],
    delivery: Delivery,
    *,
    file: str = "",
    digest: str = "",
) -> None:
    """Journal that these people of one province were handed their passwords; they count as informed."""
    given = GivenOut(
        programme=programme.key,
        site=programme.site,
        province_code=people[0][0].province_code,
        handed_by=delivery.by,
        at=ctx.now(),
        form=delivery.form.value,
        file=file,
        sha256=digest,
        usernames=[credentials.username for _learner, credentials in people],
    )
    with ctx.store.begin() as tx:
        tx.handouts.add(given)
        tx.registrations.mark_informed(programme.key, [learner.phone for learner, _ in people], ctx.now())


def handout_of(ctx: Context, programme: Programme, province_code: str, people: Sequence[Credentials]) -> Handout:
    """What the file of one province says, with the site's texts filled in. Reads files only."""
    site = ctx.settings.site(programme.site)
    window = programme.window
    values = {
        "programme": programme.name,
        "province": province_by_code(province_code).name,
        "address": str(site.url).rstrip("/"),
        "first_day": f"{window.starts_at.astimezone(programme.zone):%d/%m/%Y}",
        "last_day": f"{(window.ends_at - timedelta(seconds=1)).astimezone(programme.zone):%d/%m/%Y}",
    }
    return Handout(
        programme=programme.name,
        short_name=programme.short_name,
        province=province_by_code(province_code).full_name,
        address=values["address"],
        people=tuple(people),
        guidance=read_text(site.handout_dir, GUIDANCE, values),
        slip=read_text(site.handout_dir, SLIP, values),
    )


def credentials_of(learner: Learner, username: str, password: str) -> Credentials:
    """One line of a hand-out."""
    return Credentials(
        full_name=learner.full_name,
        workplace=learner.workplace,
        commune=commune_by_code(learner.commune_code).name if learner.commune_code else "",
        username=username,
        password=password,
    )


def _locked(handout: Handout, form: Form, opening_password: str) -> bytes:
    if form is Form.SLIPS:
        return lock_pdf(slips_of(handout), opening_password)
    return lock_workbook(workbook_of(handout), opening_password)


def _name(ctx: Context, programme: Programme, province_code: str, form: Form, number: int) -> str:
    moment = ctx.now().astimezone(programme.zone)
    start = "phieu" if form is Form.SLIPS else "tai_khoan"
    stem = Path(file_name(f"{start}_{moment:%Y%m%d_%H%M%S}", province_by_code(province_code))).stem
    return stem + (f"_{number}" if number > 1 else "") + (".pdf" if form is Form.SLIPS else ".xlsx")
