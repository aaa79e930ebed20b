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
from tests.openedx.box import C1
from tests.openedx.box_certificates import CertifyingBox as Box
from tests.openedx.wanted import GATE, cohorts_made


def findings(box: Box) -> dict[str, Severity]:
    wanted = Needs(courses=(C1,), topics=(TopicRef(course=C1),), gate=GATE)
    return {one.subject: one.severity for one in box.lms.check(wanted)}


def test_the_doctor_finds_a_good_site_good() -> None:
    box = Box()
    cohorts_made(box, "an1")
    found = findings(box)
    assert found.pop("Certificate") is Severity.WARNING
    assert set(found.values()) == {Severity.OK}
    assert len(found) == 7


@pytest.mark.parametrize(
    ("subject", "spoil", "severity"),
    [
        ("Service account", lambda box: box.off.add("staff"), Severity.ERROR),
        ("New accounts", lambda box: box.off.add("sign_up"), Severity.ERROR),
        ("Enrolment in bulk", lambda box: box.off.add("bulk"), Severity.WARNING),
        ("Enrolment in bulk", lambda box: box.courses[C1].modes.append("audit"), Severity.WARNING),
        (f"Cohorts of {C1}", lambda box: setattr(box.courses[C1], "cohorted", False), Severity.ERROR),
        (f"Modes of {C1}", lambda box: setattr(box.courses[C1], "modes", ["audit"]), Severity.ERROR),
        (f"Modes of {C1}", lambda box: box.courses[C1].enrolments.update(an1=["audit", True]), Severity.WARNING),
    ],
)
def test_the_doctor_names_what_is_wrong(subject: str, spoil: Callable[[Box], Any], severity: Severity) -> None:
    box = Box()
    cohorts_made(box, "an1")
    spoil(box)
    assert findings(box)[subject] is severity
