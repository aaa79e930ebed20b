"""What people have on a site, as mirror, ledger and register tell it: what they stand to lose by a plan."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from connector.model import CertificateState, Kind
from connector.store.certificate_tables import register
from connector.store.chunks import chunks
from connector.store.mirror_tables import mirror_accounts, mirror_results
from connector.store.tables import ledger
from connector.sync.consequences import Stakes

_Counts = Mapping[str, dict[str, int]]


class StakesOfPeople:
    """Reads only, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, site: str, programme: str, phone_of: Mapping[str, str]) -> dict[str, Stakes]:
        """What each of these people has on the site, by username; `phone_of` gives the phone by username
        ('' where it is not known).

        Results of all courses of the site are counted, certificates of this programme only.
        """
        usernames = sorted(phone_of)
        done, grades = self._results(site, usernames)
        visits = self._visits(site, usernames)
        enrolled = self._courses(site, usernames)
        certificates = self._certificates(programme, phone_of.values())
        return {
            username: Stakes(
                done=dict(done[username]),
                grades=dict(grades[username]),
                enrolled=frozenset(enrolled[username]),
                certificate=certificates.get(phone_of[username]),
                last_visit=visits.get(username),
                mirrored=username in visits,
            )
            for username in usernames
        }

    def _results(self, site: str, usernames: list[str]) -> tuple[_Counts, _Counts]:
        table = mirror_results
        done: dict[str, dict[str, int]] = defaultdict(dict)
        grades: dict[str, dict[str, int]] = defaultdict(dict)
        for part in chunks(usernames):
            query = (
                select(
                    table.c.username,
                    table.c.course,
                    func.count().filter(table.c.done).label("done"),
                    func.count(table.c.grade).label("grades"),
                )
                .where(table.c.site == site, table.c.username.in_(part), table.c.gone_at.is_(None))
                .group_by(table.c.username, table.c.course)
            )
            for row in self._connection.execute(query):
                done[row.username][row.course] = row.done
                grades[row.username][row.course] = row.grades
        return done, grades

    def _visits(self, site: str, usernames: list[str]) -> dict[str, datetime | None]:
        table = mirror_accounts
        found: dict[str, datetime | None] = {}
        for part in chunks(usernames):
            query = select(table.c.username, table.c.last_access).where(
                table.c.site == site, table.c.username.in_(part), table.c.gone_at.is_(None)
            )
            found.update((row.username, row.last_access) for row in self._connection.execute(query))
        return found

    def _courses(self, site: str, usernames: list[str]) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for part in chunks(usernames):
            query = select(ledger.c.username, ledger.c.container).where(
                ledger.c.site == site, ledger.c.kind == Kind.ENROLMENT.value, ledger.c.username.in_(part)
            )
            for row in self._connection.execute(query):
                found[row.username].append(row.container)
        return found

    def _certificates(self, programme: str, phones: Iterable[str]) -> dict[str, CertificateState]:
        found = {}
        for part in chunks(sorted(phones)):
            query = select(register.c.phone, register.c.state).where(
                register.c.programme == programme, register.c.phone.in_(part)
            )
            for row in self._connection.execute(query):
                found[row.phone] = CertificateState(row.state)
        return found
