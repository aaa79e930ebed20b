"""Use case: can we work with this site, what is missing, and how does an administrator grant it."""

from connector.context import Context
from connector.errors import ConfigError, ConnectorError, PlatformUnavailable
from connector.jobs.fence import look_at_fence
from connector.language import _
from connector.lms import Finding, Needs, Severity
from connector.model import RegistrationState
from connector.places import provinces
from connector.programmes.definition import Programme

PATIENCE = 5.0  # seconds for safe retries while diagnosing: a wrong name or a closed port does not mend itself


def examine(ctx: Context, programme_key: str | None = None) -> list[Finding]:
    """The findings on the programme's site, worst last; the platform is only read.

    An outage or a refused token is a finding as well, told after seconds.

    Raises ConfigError: a wrong configuration is no finding.
    """
    programme = ctx.programme(programme_key)
    try:
        return [*_looked_at(ctx, programme), _fence(ctx, programme.site)]
    except ConfigError:
        raise
    except ConnectorError as error:
        return [
            Finding(subject=_("Access to the site"), severity=Severity.ERROR, detail=error.message, remedy=error.hint)
        ]


def _looked_at(ctx: Context, programme: Programme) -> list[Finding]:
    """Without much patience first; a site that answers, and asks for a pause, is given it."""
    needs, site = needs_of(ctx, programme), ctx.settings.site(programme.site)
    hurried = site.model_copy(update={"retry_budget": min(site.retry_budget, PATIENCE)})
    try:
        return ctx.open_site(programme.site, hurried).check(needs)
    except PlatformUnavailable as outage:
        if outage.retry_after is None:
            raise
        return ctx.lms(programme.site).check(needs)


def _fence(ctx: Context, site: str) -> Finding:
    subject = _("Database and site")
    try:
        fence = look_at_fence(ctx, site)
    except ConnectorError as error:
        words = _("The mark on the site cannot be read: {why}").format(why=error.message)
        return Finding(subject=subject, severity=Severity.WARNING, detail=words, remedy=error.hint)
    severity = Severity.OK if fence.in_order else Severity.ERROR
    return Finding(subject=subject, severity=severity, detail=fence.words, remedy=fence.advice)


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
