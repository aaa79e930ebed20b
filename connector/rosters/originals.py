"""The files of provinces as they came, kept by their hash: what was imported can be shown again, byte for byte."""

import hashlib
import os
from pathlib import Path

FOLDER = "rosters"


def sha256_of(path: Path) -> str:
    """The hash of a file's content, in hexadecimal. Reads only."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_original(path: Path, state_dir: Path) -> Path:
    """Copy a file to rosters/<sha256>/<its name> in the state folder and give that path; what is there stays.

    Only the owner can read it (0600): it holds names and numbers. A copy is complete or not there at all.
    """
    content = path.read_bytes()
    folder = state_dir / FOLDER / hashlib.sha256(content).hexdigest()
    target = folder / path.name
    if target.exists():
        return target
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f".{os.getpid()}.part"
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)
    return target
