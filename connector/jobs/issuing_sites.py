"""The issuers of all sites of a programme as one: each person's certificate stands on exactly one site.

That is the site which serves his province when it is released, and from then on it stays there, wherever he moves.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from connector.certificates.entry import RegisterEntry
from connector.certificates.settle import Told
from connector.context import Context
from connector.jobs.issuing import Issuer, issuer_of
from connector.jobs.people import people_on
from connector.language import _
from connector.lms import ItemResult, Outcome
from connector.model import Registration
from connector.programmes.definition import Programme
from connector.store.store import Transaction


class Issuers:
    """The issuers of a programme's sites, or of the one site that the programme is looked at on."""

    def __init__(self, ctx: Context, programme: Programme, registrations: Sequence[Registration]) -> None:
        self._programme = programme
        self._only = None if programme.sites else programme.site
        self._province_of = {item.learner.phone: item.learner.province_code for item in registrations}
        self._by_site: Mapping[str, Issuer] = {
            here.site: issuer_of(ctx, here, people_on(ctx, here, registrations)) for here in programme.by_site
        }

    def site_of(self, entry: RegisterEntry) -> str:
        """Where the certificate stands, or will stand once it is released."""
        if self._only is not None:
            return self._only
        return entry.site or self._programme.home(self._province_of.get(entry.phone, entry.province_code))

    def hold(self, entry: RegisterEntry) -> bool:
        """True unless the certificate is another site's than the one that is looked at."""
        return self._programme.site_key is None or self.site_of(entry) in self._by_site

    def release(self, entries: Sequence[RegisterEntry]) -> list[ItemResult]:
        """Release the certificates of these entries, each on its site; one result each."""
        return [
            result
            for site, some in self._split(entries)
            for result in (self._by_site[site].release(some) if site in self._by_site else map(_gone, some))
        ]

    def withdraw(self, entries: Sequence[RegisterEntry], void: Collection[str]) -> list[ItemResult]:
        """Take back papers where they stand; `void` are the codes that count no more. One result each."""
        return [
            result
            for site, some in self._split(entries)
            for result in (self._by_site[site].withdraw(some, void) if site in self._by_site else map(_gone, some))
        ]

    def refresh(self, waiting: Iterable[RegisterEntry]) -> None:
        """Ask the platforms of those who wait what they have issued meanwhile."""
        sites = {self.site_of(entry) for entry in waiting}
        for site, issuer in self._by_site.items():
            if site in sites:
                issuer.refresh()

    def issues(
        self,
        tx: Transaction,
        register: Mapping[str, RegisterEntry],
        waiting: Collection[RegisterEntry],
        unsure: Collection[tuple[str, str]],
    ) -> list[Told]:
        """What has been issued so far. An issue on another site than the person's own is nobody's, and so is one whose
        site and code are `unsure`, as long as it does not stand in the register.
        """
        mine = dict(self._split(waiting))
        return [
            (phone if self._is_theirs(register.get(phone), site, issue.code, unsure) else "", issue)
            for site, issuer in self._by_site.items()
            for phone, issue in issuer.issues(tx, mine.get(site, ()))
        ]

    def _is_theirs(
        self, entry: RegisterEntry | None, site: str, code: str, unsure: Collection[tuple[str, str]]
    ) -> bool:
        if entry is None or self.site_of(entry) != site:
            return False
        return entry.serial == code or (site, code) not in unsure

    def _split(self, entries: Iterable[RegisterEntry]) -> Iterator[tuple[str, list[RegisterEntry]]]:
        found: dict[str, list[RegisterEntry]] = {}
        for entry in entries:
            found.setdefault(self.site_of(entry), []).append(entry)
        yield from found.items()


def _gone(entry: RegisterEntry) -> ItemResult:
    return ItemResult(
        key=(entry.phone,),
        outcome=Outcome.REFUSED,
        code="no_site",
        message=_("The certificate stands on the site '{site}', which the programme names no more.").format(
            site=entry.site
        ),
    )
