"""Accounts, cohorts and a gate that the tests of Open edX want of a site."""

from dataclasses import replace

from connector.lms import (
    CertificateGate,
    GrantWay,
    ItemResult,
    NewAccount,
    Outcome,
)
from connector.model import (
    Account,
    Cohort,
)
from tests.openedx.pretend import C1, C2, Pretend

AN = Cohort(idnumber="VN-40", name="Nghệ An")
TINH = Cohort(idnumber="VN-42", name="Hà Tĩnh")
GATE = CertificateGate(course=C1, certificate=C1, way=GrantWay.ALLOWLIST)
DONE, ALREADY, REFUSED = Outcome.DONE, Outcome.ALREADY, Outcome.REFUSED


def account(username: str, **changes: str) -> Account:
    made = Account(
        username=username,
        firstname="An",
        lastname="Nguyễn Văn",
        email=f"{username}@hocvien.invalid",
        idnumber="",
        fields=(("country", "VN"),),
        auth="openedx",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # all of them texts


def new(*names: str) -> list[NewAccount]:
    return [NewAccount(account=account(name), password="") for name in names]


def outcomes(results: list[ItemResult]) -> list[Outcome]:
    return [result.outcome for result in results]


def cohorts_made(site: Pretend, *names: str) -> None:
    assert outcomes(site.lms.create_cohorts([AN, TINH])) == [DONE, DONE]
    for name in names:
        site.person(name)
        for course in (C1, C2):
            site.enrol(course, name)
