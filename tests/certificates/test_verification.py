import json
from dataclasses import replace

from connector.certificates.entry import CertificateFacts
from connector.certificates.states import Act, event_of, moved, reissued, revoked
from connector.certificates.verification import Validity, as_json, verify
from connector.model import CertificateState
from tests.certificates.samples import AN, BINH, NOW, entry

S = CertificateState
ACT = Act(by="Duyệt", at=NOW, reason="sai tên")
ISSUED = entry(AN, S.ISSUED, serial="A", register_no="00001/2025")


def test_a_certificate_in_force_is_valid_by_its_code_and_its_number() -> None:
    assert verify("A", ISSUED, []).validity is Validity.VALID
    assert verify("00001/2025", replace(ISSUED, state=S.DELIVERED), []).validity is Validity.VALID


def test_what_the_platform_shows_no_more_is_never_called_valid() -> None:
    found = verify("A", ISSUED, [], NOW)
    assert (found.validity, found.since) == (Validity.NOT_ON_PLATFORM, NOW)
    assert verify("A", revoked(ISSUED), [], NOW).validity is Validity.REVOKED


def test_a_revoked_one_tells_since_when() -> None:
    after = revoked(ISSUED)
    of_others = replace(event_of(ISSUED, after, ACT), phone=BINH)
    found = verify("A", after, [event_of(ISSUED, after, ACT), of_others])
    assert (found.validity, found.since) == (Validity.REVOKED, NOW)
    assert verify("A", after, []).since is None


def test_an_old_paper_is_replaced_and_the_new_one_valid() -> None:
    waiting = reissued(ISSUED, CertificateFacts(full_name="Nguyễn Văn Ân", workplace=""))
    history = [event_of(ISSUED, waiting, ACT)]
    assert verify("00001/2025", waiting, history).validity is Validity.NOT_ISSUED
    again = moved(moved(waiting, S.GRANTED), S.ISSUED, serial="B")
    assert (verify("A", again, history).validity, verify("A", again, history).since) == (Validity.REPLACED, NOW)
    assert verify("B", again, history).validity is Validity.VALID


def test_a_page_learns_what_was_earned_and_never_the_phone_number() -> None:
    facts = replace(ISSUED.facts, starts_at=NOW, hours=38.0)
    told = as_json(verify("A", replace(ISSUED, facts=facts), []))
    assert (told["status"], told["name"], told["hours"], told["from"]) == (
        "valid",
        "Nguyễn Văn An",
        38.0,
        NOW.isoformat(),
    )
    assert told["until"] is None
    assert AN[3:] not in json.dumps(told)
