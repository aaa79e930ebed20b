"""Verdicts, register, first passwords and runs: what is written comes back the same."""

from connector.model import Reason, Verdict
from connector.store.passwords import Sealed
from connector.store.runs import ReportSent
from connector.store.store import Store
from tests.store.people import LATER, NOW, PROGRAMME

REASON = Reason(
    rule="mandatory", met=False, have=3, need=5, missing=("cd04",), not_counted=(("cd05", "outside_window"),)
)
VERDICT = Verdict(
    programme=PROGRAMME,
    phone="+84912000001",
    passed=False,
    reasons=(REASON,),
    done=("cd01", "cd02", "cd03"),
    completed_at=None,
    rule_version="r1",
    facts_hash="f1",
)


def test_a_verdict_comes_back_with_all_its_reasons(store: Store) -> None:
    with store.begin() as tx:
        tx.verdicts.save([VERDICT], 1, NOW)
        tx.verdicts.save([VERDICT], 2, LATER)
        assert list(tx.verdicts.of_programme(PROGRAMME)) == [VERDICT]
        assert tx.verdicts.of_phone(PROGRAMME, VERDICT.phone) == VERDICT
        assert tx.verdicts.of_phone(PROGRAMME, "+84900000000") is None


def test_sealed_passwords_are_kept_by_site_and_username(store: Store) -> None:
    with store.begin() as tx:
        tx.passwords.save("sandbox", {"a": Sealed(b"1", "a"), "b": Sealed(b"2", "b")}, NOW)
        assert tx.passwords.sealed("sandbox", ["a", "c"]) == {"a": Sealed(b"1", "a")}
        assert tx.passwords.sealed("other", ["a"]) == {}


def test_the_latest_run_of_a_job_is_found_by_its_outcome(store: Store) -> None:
    with store.begin() as tx:
        first = tx.runs.start("mirror", site="sandbox", programme=PROGRAMME, now=NOW)
        tx.runs.finish(first, "done", {"accounts": 3}, LATER)
        tx.runs.start("mirror", site="sandbox", programme=PROGRAMME, now=LATER)
        found = tx.runs.latest("mirror", PROGRAMME)
        assert found is not None
        assert (found.id, found.counts, found.finished_at) == (first, {"accounts": 3}, LATER)
        assert tx.runs.latest("evaluate", PROGRAMME) is None


def test_a_report_is_remembered_with_its_checksum(store: Store) -> None:
    sent = ReportSent(
        programme=PROGRAMME, definition="progress", snapshot_id=1, cutoff=NOW, checksum="0" * 64, files=("a.xlsx",)
    )
    with store.begin() as tx:
        tx.runs.add_report(sent, NOW)
        assert tx.runs.reports(PROGRAMME) == [sent]
