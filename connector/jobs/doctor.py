"""Use case: can we work with this site, what is missing, and how does an administrator grant it."""

from connector.context import Context
from connector.errors import ConfigError, ConnectorError
from connector.language import _
from connector.lms import Finding, Needs, Severity
from connector.model import RegistrationState
from connector.places import provinces
from connector.programmes.definition import Programme


def examine(ctx: Context, programme_key: str | None = None) -> list[Finding]:
    """The findings on the programme's site, worst last; the platform is only read.

    An outage or a refused token is a finding as well. Raises ConfigError: a wrong configuration is no finding.
    """
    programme = ctx.programme(programme_key)
    try:
        lms = ctx.lms(programme.site)
        return lms.check(needs_of(ctx, programme))
    except ConfigError:
        raise
    except ConnectorError as error:
        return [
            Finding(subject=_("Access to the site"), severity=Severity.ERROR, detail=error.message, remedy=error.hint)
        ]


def needs_of(ctx: Context, programme: Programme) -> Needs:
    """What the programme asks of its site."""
    site = ctx.settings.site(programme.site)
    with ctx.store.begin() as tx:
        counts = tx.registrations.counts(programme.key)
    return Needs(
        courses=programme.enrolment.courses,
        topics=programme.refs,
        gate=programme.certificate.gate,
        profile_fields=tuple(sorted(site.accounts.profile_fields)),
        known_username=site.known_username,
        enrols=programme.enrolment.enrols,
        cohorts=tuple(
            programme.cohorts.of(one.code, one.name).idnumber for one in provinces() if programme.serves(one.code)
        ),
        groups=programme.enrolment.groups is not None,
        people=sum(
            states.get(RegistrationState.CONFIRMED, 0) for code, states in counts.items() if programme.serves(code)
        ),
        windows=programme.enrolment.enrols and programme.enrolment.limit_to_window,
    )
