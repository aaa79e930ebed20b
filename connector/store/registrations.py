"""Rosters as they came and the registrations that they amount to."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, Row, Select, String, func, or_, select, type_coerce, update

from connector.model import Intake, Learner, Origin, Registration, RegistrationState
from connector.store.chunks import chunks
from connector.store.tables import registrations, roster_files, roster_refusals, roster_rows
from connector.store.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFile:
    """One roster file to be kept: its rows, and what became of the others as (sheet, row, code, column)."""

    programme: str
    name: str
    sha256: str
    accepted: Sequence[Learner]
    refused: Sequence[tuple[str, int, str, str]]
    skipped: int
    intake: Intake = Intake.DEPARTMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInForce:
    """A roster file that counts. `rows` are those that it came with by province, `holding` how many still count."""

    id: int
    name: str
    sha256: str
    imported_at: datetime
    intake: Intake
    rows: Mapping[str, int]
    holding: int


# Without the two times: reading 18,000 of them costs more than all the rest.
_ONLY_WRITTEN = ("registered_at", "changed_at", "informed_at")
# Lists as the driver gives them: nearly all are empty, and decoding that 36,000 times costs as much as the rest.
REGISTRATION = [
    type_coerce(column, String).label(column.name) if isinstance(column.type, JSON) else column
    for column in registrations.columns
    if column.name not in _ONLY_WRITTEN
]


# What two lists may say otherwise of the same person.
DESCRIPTION = ("full_name", "workplace", "position", "province_code", "commune_code")


class Registrations:
    """Roster files, their rows and registrations, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def holds(self, programme: str, name: str, sha256: str) -> bool:
        """True when exactly this file is in force for the programme under this name, with all its rows. Reads only."""
        live = func.count().filter(roster_rows.c.live)
        query = (
            select(roster_files.c.id)
            .outerjoin(roster_rows)
            .where(
                roster_files.c.programme == programme,
                roster_files.c.name == name,
                roster_files.c.sha256 == sha256,
                roster_files.c.live,
            )
            .group_by(roster_files.c.id, roster_files.c.accepted)
            .having(live == roster_files.c.accepted)
        )
        return self._connection.execute(query).first() is not None

    def files_in_force(self, programme: str) -> list[FileInForce]:
        """All roster files of the programme that count, oldest first. Reads only."""
        columns = [roster_files.c[name] for name in ("id", "name", "sha256", "imported_at", "intake")]
        counts = [func.count(roster_rows.c.phone).label("came"), func.count().filter(roster_rows.c.live).label("hold")]
        query = (
            select(*columns, roster_rows.c.province_code, *counts)
            .select_from(roster_files.outerjoin(roster_rows))
            .where(roster_files.c.programme == programme, roster_files.c.live)
            .group_by(*columns, roster_rows.c.province_code)
            .order_by(roster_files.c.id)
        )
        by_file: dict[int, list[Any]] = defaultdict(list)
        for row in self._connection.execute(query):
            by_file[row.id].append(row)
        return [_in_force(rows) for rows in by_file.values()]

    def people_of(self, file: int) -> list[Learner]:
        """All rows that a file came with, whether they still count or not. Reads only."""
        query = (
            select(roster_rows, roster_files.c.name, roster_files.c.intake)
            .join(roster_files)
            .where(roster_rows.c.file_id == file)
            .order_by(roster_rows.c.sheet, roster_rows.c.source_row)
        )
        return [_learner(row, row.name) for row in self._connection.execute(query)]

    def add_file(
        self, file: RosterFile, now: datetime, replaces: Mapping[int, Collection[str]] | None = None
    ) -> set[str]:
        """Write the file; the files of these ids are no longer in force but for the rows of these phones.

        Gives the phones that any of them names.
        """
        touched = set[str]().union(*(self.retire(old, kept) for old, kept in (replaces or {}).items()))
        key = self._connection.execute(
            roster_files.insert().values(
                programme=file.programme,
                name=file.name,
                sha256=file.sha256,
                imported_at=now,
                accepted=len(file.accepted),
                refused=len(file.refused),
                skipped=file.skipped,
                live=True,
                intake=file.intake.value,
            )
        ).inserted_primary_key
        assert key is not None  # noqa: S101 - an insert into a table with a key gives the key
        if file.accepted:
            rows = [_roster_row(learner) | {"file_id": key[0], "live": True} for learner in file.accepted]
            self._connection.execute(roster_rows.insert(), rows)
        if file.refused:
            self._connection.execute(
                roster_refusals.insert(),
                [
                    {"file_id": key[0], "sheet": sheet, "source_row": row, "code": code, "column": column}
                    for sheet, row, code, column in file.refused
                ],
            )
        return touched | {learner.phone for learner in file.accepted}

    def retire(self, file: int, kept: Collection[str] = ()) -> set[str]:
        """End the rows of a file but those of the phones `kept`; without any it is no longer in force.

        Gives the phones of the ended rows.
        """
        if not kept:
            self._connection.execute(update(roster_files).where(roster_files.c.id == file).values(live=False))
        return self._end_rows((roster_rows.c.file_id == file) & roster_rows.c.phone.not_in(list(kept)))

    def _end_rows(self, condition: Any) -> set[str]:
        condition = condition & roster_rows.c.live
        phones = set(self._connection.execute(select(roster_rows.c.phone).where(condition)).scalars())
        self._connection.execute(update(roster_rows).where(condition).values(live=False))
        return phones

    def end_other_rows(
        self, programme: str, intake: Intake, provinces: Iterable[str], names: Iterable[str]
    ) -> set[str]:
        """End the rows of these provinces in other files of this intake than these: the lists given are complete.

        Gives the phones of the ended rows.
        """
        other_files = select(roster_files.c.id).where(
            roster_files.c.programme == programme,
            roster_files.c.intake == intake.value,
            roster_files.c.name.not_in(list(names)),
        )
        return self._end_rows(roster_rows.c.file_id.in_(other_files) & roster_rows.c.province_code.in_(list(provinces)))

    def rows_in_force(self, programme: str, phones: Iterable[str]) -> dict[str, list[Learner]]:
        """The roster rows in force for each of these phones, oldest file first. Reads only."""
        found: dict[str, list[Learner]] = defaultdict(list)
        for part in chunks(sorted(phones)):
            query = (
                select(roster_rows, roster_files.c.name, roster_files.c.intake)
                .join(roster_files)
                .where(roster_files.c.programme == programme, roster_rows.c.live, roster_rows.c.phone.in_(part))
                .order_by(roster_rows.c.file_id, roster_rows.c.sheet, roster_rows.c.source_row)
            )
            for row in self._connection.execute(query):
                found[row.phone].append(_learner(row, row.name))
        return found

    def disputed(self, programme: str) -> set[str]:
        """The phones whose rows in force carry differently written names. Reads only."""
        query = (
            select(roster_rows.c.phone)
            .join(roster_files)
            .where(roster_files.c.programme == programme, roster_rows.c.live)
            .group_by(roster_rows.c.phone)
            .having(func.count(roster_rows.c.full_name.distinct()) > 1)
        )
        return set(self._connection.execute(query).scalars())

    def save(self, items: Iterable[Registration], now: datetime) -> None:
        """Write the registrations as they are now; the moment of the first registration is kept."""
        rows = [
            {
                "programme": item.programme,
                **_roster_row(item.learner),
                "file": item.learner.origin.file,
                "intake": item.learner.intake.value,
                "sources": [list(source) for source in item.sources],
                "state": item.state.value,
                "registered_at": now,
                "changed_at": now,
            }
            for item in items
        ]
        upsert(self._connection, registrations, rows, keep=("registered_at",))

    def of_programme(self, programme: str, provinces: Sequence[str] = ()) -> Iterator[Registration]:
        """All registrations of the programme (of these provinces, if any are named), by province and phone."""
        query = select(*REGISTRATION).where(registrations.c.programme == programme)
        if provinces:
            query = query.where(registrations.c.province_code.in_(list(provinces)))
        query = query.order_by(registrations.c.province_code, registrations.c.phone)
        for row in self._connection.execute(query):
            yield _registration(row)

    def in_state(self, programme: str, state: RegistrationState) -> list[Registration]:
        """The registrations of the programme in this state, by phone. Reads only."""
        query = select(*REGISTRATION).where(
            registrations.c.programme == programme, registrations.c.state == state.value
        )
        return [_registration(row) for row in self._connection.execute(query.order_by(registrations.c.phone))]

    def in_both(self, programme: str, other: str) -> list[tuple[Registration, Registration]]:
        """The two registrations of everybody who stands or stood in both programmes. Reads only."""
        phones = registrations.alias()
        both = select(phones.c.phone).where(phones.c.programme == other)
        query = select(*REGISTRATION).where(registrations.c.programme == programme, registrations.c.phone.in_(both))
        mine = {row.phone: _registration(row) for row in self._connection.execute(query)}
        theirs = self.of_phones(other, mine)
        return [(one, theirs[phone]) for phone, one in mine.items()]

    def later_elsewhere(self, programme: str, others: Sequence[str]) -> dict[str, Learner]:
        """By phone what one of the other programmes says of a person of this one, later and otherwise. Reads only.

        Only confirmed registrations count; of several the latest, of equally late ones that of the last key.
        """
        disputed = {row.phone for row in self._connection.execute(_later(programme, others, differing=True))}
        if not disputed:
            return {}
        # Of three programmes the latest may agree with this one again.
        everything = self._connection.execute(_later(programme, others, differing=False))
        return {row.phone: _registration(row).learner for row in everything if row.phone in disputed}

    def of_phones(self, programme: str, phones: Iterable[str]) -> dict[str, Registration]:
        """The registrations of these phones, by phone. Reads only."""
        found = {}
        for part in chunks(sorted(phones)):
            query = select(*REGISTRATION).where(registrations.c.programme == programme, registrations.c.phone.in_(part))
            for row in self._connection.execute(query):
                found[row.phone] = _registration(row)
        return found

    def informed(self, programme: str) -> set[str]:
        """The phones of the people who were told of their account. Reads only."""
        query = select(registrations.c.phone).where(
            registrations.c.programme == programme, registrations.c.informed_at.is_not(None)
        )
        return set(self._connection.execute(query).scalars())

    def mark_informed(self, programme: str, phones: Iterable[str], now: datetime) -> int:
        """Write that these people were told of their account, unless they were before; how many are new."""
        count = 0
        for part in chunks(sorted(phones)):
            done = self._connection.execute(
                update(registrations)
                .where(
                    registrations.c.programme == programme,
                    registrations.c.phone.in_(part),
                    registrations.c.informed_at.is_(None),
                )
                .values(informed_at=now)
            )
            count += done.rowcount
        return count

    def moved(self) -> tuple[datetime | None, int, int]:
        """What changes whenever a registration or a list does, of any programme; to be compared only. Reads only."""
        last_file = select(func.coalesce(func.max(roster_files.c.id), 0)).scalar_subquery()
        query = select(func.max(registrations.c.changed_at), func.count(), last_file).select_from(registrations)
        changed_at, count, file = self._connection.execute(query).one()
        return changed_at, count, file

    def counts(self, programme: str) -> dict[str, dict[str, int]]:
        """How many registrations there are by province code and state. Reads only."""
        query = (
            select(registrations.c.province_code, registrations.c.state, func.count())
            .where(registrations.c.programme == programme)
            .group_by(registrations.c.province_code, registrations.c.state)
        )
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for province, state, count in self._connection.execute(query):
            found[province][state] = count
        return dict(found)


def _later(programme: str, others: Sequence[str], *, differing: bool) -> Select[Any]:
    """Confirmed registrations of the others that came later than the confirmed one of this programme, oldest first."""
    mine, theirs = registrations.alias(), registrations
    confirmed = RegistrationState.CONFIRMED.value
    same_time = (theirs.c.changed_at == mine.c.changed_at) & (theirs.c.programme > mine.c.programme)
    differs = or_(*[theirs.c[name].is_distinct_from(mine.c[name]) for name in DESCRIPTION])
    query = (
        select(*REGISTRATION)
        .join(mine, mine.c.phone == theirs.c.phone)
        .where(mine.c.programme == programme, mine.c.state == confirmed)
        .where(theirs.c.programme.in_(list(others)), theirs.c.state == confirmed)
        .where(or_(theirs.c.changed_at > mine.c.changed_at, same_time))
        .order_by(theirs.c.changed_at, theirs.c.programme)
    )
    return query.where(differs) if differing else query


def _in_force(rows: Sequence[Any]) -> FileInForce:
    first = rows[0]
    return FileInForce(
        id=first.id,
        name=first.name,
        sha256=first.sha256,
        imported_at=first.imported_at,
        intake=Intake(first.intake),
        rows={row.province_code: row.came for row in rows if row.province_code},
        holding=sum(row.hold for row in rows),
    )


def _roster_row(learner: Learner) -> dict[str, Any]:
    return {
        "sheet": learner.origin.sheet,
        "source_row": learner.origin.row,
        "phone": learner.phone,
        "full_name": learner.full_name,
        "workplace": learner.workplace,
        "position": learner.position,
        "province_code": learner.province_code,
        "commune_code": learner.commune_code,
        "notices": list(learner.notices),
        "self_registered_at": learner.registered_at,
    }


def _items(stored: str | list[Any]) -> list[Any]:
    """A stored list, whether it comes as text (SQLite) or decoded."""
    if isinstance(stored, str):
        return [] if stored == "[]" else list(json.loads(stored))
    return stored


def _learner(row: Row[Any], file: str) -> Learner:
    return Learner(
        phone=row.phone,
        full_name=row.full_name,
        workplace=row.workplace,
        position=row.position,
        province_code=row.province_code,
        commune_code=row.commune_code,
        notices=tuple(row.notices),
        origin=Origin(file=file, sheet=row.sheet, row=row.source_row),
        intake=Intake(row.intake),
        registered_at=row.self_registered_at,
    )


def _registration(row: Row[Any]) -> Registration:
    """From a row of the columns REGISTRATION, by place: by name it costs half as much again."""
    values: tuple[Any, ...] = tuple(row)
    programme, phone, full_name, workplace, position, province, commune, notices, state = values[:9]
    file, sheet, number, intake, sources, self_registered_at = values[9:]
    return Registration(
        programme=programme,
        learner=Learner(
            phone=phone,
            full_name=full_name,
            workplace=workplace,
            position=position,
            province_code=province,
            commune_code=commune,
            notices=tuple(_items(notices)),
            origin=Origin(file=file, sheet=sheet, row=number),
            intake=Intake(intake),
            registered_at=self_registered_at,
        ),
        state=RegistrationState(state),
        sources=tuple([(field, origin) for field, origin in _items(sources)]),
    )
