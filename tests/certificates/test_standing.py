from connector.certificates.standing import standing
from connector.model import CertificateState
from tests.certificates.samples import AN, BINH, CHI, NOW, entry, hours

S = CertificateState


def test_each_province_is_counted_and_the_longest_wait_told() -> None:
    found = standing(
        [
            entry(AN, S.GRANTED, granted=5, province_code="40"),
            entry(BINH, S.DUE, granted=None, decided=3, province_code="40"),
            entry(CHI, S.ISSUED, province_code="31"),
        ]
    )
    assert [(one.province_code, one.waiting_since) for one in found] == [("31", None), ("40", NOW - hours(5))]
    assert [found[1].count(state) for state in (S.GRANTED, S.DUE, S.ISSUED)] == [1, 1, 0]
    assert standing([]) == []
