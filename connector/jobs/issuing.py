"""Who issues a programme's certificates: the platform, through its gate, or we ourselves on paper of our own."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from connector.certificates.entry import RegisterEntry
from connector.certificates.settle import Told
from connector.context import Context
from connector.jobs.mirror import certificate_key, mirror_issues
from connector.jobs.people import People
from connector.language import _
from connector.lms import CertificateGate, ItemResult, Outcome
from connector.model import (
    CertificateIssue,
    CertificateState,
    Kind,
)
from connector.programmes.definition import Programme
from connector.store.store import Transaction

# Without 0/O, 1/I/L: a code is read from paper and typed by hand. 30^12 codes leave no clash to fear.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 12


class Issuer(Protocol):
    """Releases certificates, takes them back, and tells what has been issued. Keys of results are (phone,)."""

    def release(self, entries: Sequence[RegisterEntry]) -> list[ItemResult]:
        """Release the certificates of these entries; one result each."""
        ...

    def withdraw(self, entries: Sequence[RegisterEntry], void: Collection[str]) -> list[ItemResult]:
        """Take back the papers of revoked and reissued entries; `void` are the codes that count no more."""
        ...

    def refresh(self) -> None:
        """Ask the platform what it has issued meanwhile."""
        ...

    def issues(self, tx: Transaction, waiting: Collection[RegisterEntry]) -> list[Told]:
        """What has been issued so far, at least all that concerns those who wait, without asking anybody."""
        ...


def issuer_of(ctx: Context, programme: Programme, people: People) -> Issuer:
    """The issuer that the programme names."""
    gate = programme.certificate.gate
    return OwnIssuer(ctx.now(), people) if gate is None else PlatformIssuer(ctx, programme, people, gate)


class PlatformIssuer:
    """The platform issues by itself to those for whom the gate is open."""

    def __init__(self, ctx: Context, programme: Programme, people: People, gate: CertificateGate) -> None:
        self._ctx = ctx
        self._programme = programme
        self._people = people
        self._gate = gate
        self._ours: Collection[str] | None = None

    def release(self, entries: Sequence[RegisterEntry]) -> list[ItemResult]:
        lms = self._ctx.lms(self._programme.site)
        usernames = [self._people.username_of[entry.phone] for entry in entries]
        there = self._there(usernames)
        results = [_no_account(name) for name in usernames if name not in there]
        inside = set(lms.granted(self._gate, there))
        results += [ItemResult(key=(name,), outcome=Outcome.ALREADY) for name in sorted(inside)]
        results += lms.grant_certificates(self._gate, sorted(set(there) - inside))
        return [replace(result, key=(self._people.phone_of[result.key[0]],)) for result in results]

    def _there(self, usernames: Sequence[str]) -> list[str]:
        """Those of them who have an account that is ours."""
        if self._ours is None:
            with self._ctx.store.begin() as tx:
                self._ours = tx.ledger.usernames(self._programme.site, Kind.ACCOUNT)
        ours = [name for name in usernames if name in self._ours]
        return [seen.account.username for seen in self._ctx.lms(self._programme.site).accounts(ours)]

    def withdraw(self, entries: Sequence[RegisterEntry], void: Collection[str]) -> list[ItemResult]:
        """The gate is closed before the issue is deleted, or the platform would issue again at once."""
        names = {entry.phone: self._people.username_of[entry.phone] for entry in entries}
        there = set(self._there(sorted(names.values())))
        closing = [names[e.phone] for e in entries if e.state is CertificateState.REVOKED and names[e.phone] in there]
        lms = self._ctx.lms(self._programme.site)
        closed = lms.withdraw_certificates(self._gate, closing) if closing else []
        bad = {result.key: result for result in closed if not result.ok}
        wanted = [name for name in names.values() if (name,) not in bad]
        bad |= self._delete_issues(wanted, void)
        return [
            replace(bad[name,], key=(phone,)) if (name,) in bad else ItemResult(key=(phone,), outcome=Outcome.DONE)
            for phone, name in names.items()
        ]

    def _delete_issues(self, usernames: Sequence[str], void: Collection[str]) -> dict[tuple[str, ...], ItemResult]:
        """Delete the void issues of these people; the results that are bad, by person."""
        with self._ctx.store.begin() as tx:
            known = tx.mirror.issues(self._programme.site, certificate_key(self._programme))
        owner = {
            issue.issue_id: issue.username for issue in known if issue.code in void and issue.username in usernames
        }
        results = self._ctx.lms(self._programme.site).delete_issues(self._gate, sorted(owner)) if owner else []
        return {
            (owner[result.key[0]],): ItemResult(
                key=(owner[result.key[0]],), outcome=result.outcome, code=result.code, message=result.message
            )
            for result in results
            if not result.ok
        }

    def refresh(self) -> None:
        mirror_issues(self._ctx, self._programme, self._people)

    def issues(self, tx: Transaction, waiting: Collection[RegisterEntry]) -> list[Told]:  # noqa: ARG002 - of the protocol
        found = tx.mirror.issues(self._programme.site, certificate_key(self._programme))
        return [(self._people.phone_of.get(issue.username, ""), issue) for issue in found]


class OwnIssuer:
    """We issue: whoever is released has his paper in the same moment, with a code of our own."""

    def __init__(self, now: datetime, people: People) -> None:
        self._now = now
        self._people = people

    def release(self, entries: Sequence[RegisterEntry]) -> list[ItemResult]:
        return self._all(entries)

    def withdraw(self, entries: Sequence[RegisterEntry], void: Collection[str]) -> list[ItemResult]:  # noqa: ARG002 - of the protocol
        return self._all(entries)

    def _all(self, entries: Sequence[RegisterEntry]) -> list[ItemResult]:
        return [ItemResult(key=(entry.phone,), outcome=Outcome.DONE) for entry in entries]

    def refresh(self) -> None:
        """Nobody else issues."""

    def issues(self, tx: Transaction, waiting: Collection[RegisterEntry]) -> list[Told]:  # noqa: ARG002 - of the protocol
        return [(entry.phone, self._issue(entry)) for entry in waiting]

    def _issue(self, entry: RegisterEntry) -> CertificateIssue:
        code = "".join(secrets.choice(_LETTERS) for _place in range(_CODE_LENGTH))
        return CertificateIssue(
            issue_id=code,
            certificate=entry.programme,
            username=self._people.username_of[entry.phone],
            code=code,
            issued_at=self._now,
        )


def _no_account(username: str) -> ItemResult:
    return ItemResult(
        key=(username,),
        outcome=Outcome.REFUSED,
        code="no_account",
        message=_("There is no account of ours for this person; run 'connector plan' and 'connector apply'."),
    )
