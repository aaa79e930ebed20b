"""The files as they came are kept, and only for us."""

import hashlib
import stat
from pathlib import Path

from connector.rosters.originals import keep_original, sha256_of


def test_the_original_is_kept_by_its_hash_for_the_owner_alone(tmp_path: Path) -> None:
    source = tmp_path / "Phụ lục 01.csv"
    source.write_bytes(b"STT,...")
    kept = keep_original(source, tmp_path / "state")
    digest = hashlib.sha256(b"STT,...").hexdigest()
    assert kept == tmp_path / "state" / "rosters" / digest / "Phụ lục 01.csv"
    assert kept.read_bytes() == b"STT,..."
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert sha256_of(source) == digest


def test_it_is_written_once_and_leaves_nothing_unfinished(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_bytes(b"one")
    first = keep_original(source, tmp_path)
    written = first.stat().st_mtime_ns
    assert keep_original(source, tmp_path).stat().st_mtime_ns == written
    source.write_bytes(b"two")
    second = keep_original(source, tmp_path)
    assert second != first
    assert sorted(path.name for path in (tmp_path / "rosters").rglob("*.*")) == ["a.csv", "a.csv"]
