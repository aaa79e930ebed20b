"""Certificates that were granted and never came: who waits, and what usually holds them up. Nothing is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.certificates.entry import RegisterEntry
from connector.language import _
from connector.model import CertificateState, mask_phone


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A granted entry whose issue has not been seen, and for how long it has waited."""

    entry: RegisterEntry
    waited: timedelta

    def __str__(self) -> str:
        hours = int(self.waited.total_seconds() // 3600)
        return _("{person}: granted {hours} hours ago and not issued.").format(
            person=mask_phone(self.entry.phone), hours=hours
        )


def overdue(entries: Iterable[RegisterEntry], now: datetime, after: timedelta) -> list[Overdue]:
    """The entries granted more than `after` ago that are not issued, longest waiting first, then by phone."""
    late = (
        Overdue(entry=entry, waited=now - entry.granted_at)
        for entry in entries
        if entry.state is CertificateState.GRANTED and entry.granted_at is not None and now - entry.granted_at > after
    )
    return sorted(late, key=lambda item: (-item.waited, item.entry.phone))


def usual_causes() -> list[str]:
    """Why a granted certificate is usually not issued, each with what to look at; for people to read.

    Source: reference/moodle-ws-recipes.md section 5 step 6.
    """
    return [
        _("The account or its enrolment in the certificate's course is suspended."),
        _("The certificate activity is hidden, or restricted by more than the group."),
        _("The platform's own completion of the certificate's course is demanded and not met."),
        _("The plugin's scheduled task is disabled, or cron does not run (Site administration > Server > Tasks)."),
        _("The certificate does not issue by itself (mod_customcert: 'Email students' must be on)."),
    ]
