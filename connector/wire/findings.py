"""The three kinds of a doctor's finding."""

from connector.lms import Finding, Severity


def good(subject: str, detail: str) -> Finding:
    """Nothing to do."""
    return Finding(subject=subject, severity=Severity.OK, detail=detail)


def costly(subject: str, detail: str, remedy: str) -> Finding:
    """The work goes on, slower or poorer, or something cannot be seen from outside."""
    return Finding(subject=subject, severity=Severity.WARNING, detail=detail, remedy=remedy)


def bad(subject: str, detail: str, remedy: str) -> Finding:
    """The work stops here until an administrator has acted."""
    return Finding(subject=subject, severity=Severity.ERROR, detail=detail, remedy=remedy)
