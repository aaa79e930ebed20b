"""The doctor of an Open edX names what is wrong."""

from collections.abc import Callable
from typing import Any

import pytest

from connector.lms import (
    Needs,
    Severity,
)
from connector.model import (
    TopicRef,
)
from tests.openedx.pretend import C1, Pretend
from tests.openedx.wanted import GATE, cohorts_made


def findings(site: Pretend) -> dict[str, Severity]:
    wanted = Needs(courses=(C1,), topics=(TopicRef(course=C1),), gate=GATE)
    return {one.subject: one.severity for one in site.lms.check(wanted)}


def test_the_doctor_finds_a_good_site_good() -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    found = findings(site)
    assert found.pop("Certificate") is Severity.WARNING
    assert set(found.values()) == {Severity.OK}
    assert len(found) == 7


@pytest.mark.parametrize(
    ("subject", "spoil", "severity"),
    [
        (
            "Service account",
            lambda site: site.lower_the_service_account(),
            Severity.ERROR,
        ),
        ("New accounts", lambda site: setattr(site.features, "csv_signup", False), Severity.ERROR),
        ("Enrolment in bulk", lambda site: setattr(site.features, "bulk_enrolment", False), Severity.WARNING),
        ("Enrolment in bulk", lambda site: site.offer(C1, "audit", "honor"), Severity.WARNING),
        (f"Cohorts of {C1}", lambda site: site.set_cohorted(C1, on=False), Severity.ERROR),
        (f"Modes of {C1}", lambda site: site.offer(C1, "audit"), Severity.ERROR),
        (f"Modes of {C1}", lambda site: site.enrol(C1, "an1", mode="audit"), Severity.WARNING),
    ],
)
def test_the_doctor_names_what_is_wrong(subject: str, spoil: Callable[[Pretend], Any], severity: Severity) -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    spoil(site)
    assert findings(site)[subject] is severity
