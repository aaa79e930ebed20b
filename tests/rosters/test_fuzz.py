"""Sample files changed at random: never a traceback, and no row is lost. The seeds make each run the same."""

import random
import re
from pathlib import Path
from zipfile import ZipFile

import pytest

from connector.errors import RosterFileError
from connector.rosters.reader import RosterReading, read_roster
from tests.rosters.making import package

SAMPLES = Path(__file__).parents[2] / "examples" / "rosters"
FILES = sorted(path for path in SAMPLES.iterdir() if path.suffix not in {".md", ".json"})
CODES = {"not_a_workbook", "encrypted", "corrupt", "too_large", "macros", "unsafe", "unreadable", "no_table"}
MUTANTS_OF_EACH = 50


@pytest.mark.parametrize("source", FILES, ids=[path.name for path in FILES])
def test_mutants_are_read_without_loss_or_refused_by_a_code(source: Path, tmp_path: Path) -> None:
    read = 0
    for seed in range(MUTANTS_OF_EACH):
        path = mutant(source, tmp_path / source.name, random.Random(f"{source.name} {seed}"))
        reading = outcome(path)
        if isinstance(reading, str):
            assert reading in CODES, seed
        else:
            assert reading.is_complete, seed
            read += 1
    assert read, "every mutant was refused: the rows themselves have not been tried"


def outcome(path: Path) -> RosterReading | str:
    try:
        return read_roster(path)
    except RosterFileError as refused:
        return refused.code


def mutant(source: Path, target: Path, dice: random.Random) -> Path:
    """A copy with damage: in a packed file mostly inside of one part, so that the package still opens."""
    if source.suffix in {".xlsx", ".ods"} and dice.random() < 0.8:
        with ZipFile(source) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        chosen = dice.choice([name for name in parts if name.endswith(".xml")])
        hurt = changed_texts if dice.random() < 0.7 else damaged
        return package(target, parts | {chosen: hurt(parts[chosen], dice)})
    target.write_bytes(damaged(source.read_bytes(), dice))
    return target


def changed_texts(xml: bytes, dice: random.Random) -> bytes:
    """The same XML with other values: texts cleared, swapped, doubled, numbers out of every range."""
    texts = list(re.finditer(rb">([^<>]+)<|\"(\d+)\"", xml))
    for found in sorted(dice.sample(texts, min(8, len(texts))), key=lambda one: -one.start()):
        old = found.group()[1:-1]
        new = dice.choice(
            [b"", old * 2, dice.choice(texts).group()[1:-1].replace(b'"', b""), b"-1", b"99999999", b"1e9"]
        )
        xml = xml[: found.start() + 1] + new + xml[found.end() - 1 :]
    return xml


def damaged(content: bytes, dice: random.Random) -> bytes:
    """The content with bytes changed, lost and put in, and sometimes cut off."""
    changed = bytearray(content)
    for _time in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(changed))
        kind = dice.choice((0, 0, 0, 1, 2))
        if kind == 0:
            changed[at] = dice.randrange(32, 127)
        elif kind == 1:
            del changed[at : at + dice.randrange(1, 30)]
        else:
            changed[at:at] = dice.randbytes(dice.randrange(1, 8))
    return bytes(changed[: dice.randrange(len(changed))] if dice.random() < 0.1 else changed)
