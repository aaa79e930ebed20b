"""What a hand-out holds: the people of one province with their first passwords, and the texts that go with them."""

from dataclasses import dataclass, field
from pathlib import Path

from connector.errors import ConfigError
from connector.language import _
from connector.sync.mapping import compiled

GUIDANCE, SLIP = "guidance.md", "slip.md"
HEADING = "# "


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """One person's way in. The password is in no repr."""

    full_name: str
    workplace: str
    commune: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handout:
    """One file's worth: `guidance` and `slip` are the lines of the two texts, filled in, HEADING before a heading."""

    programme: str
    short_name: str
    province: str
    address: str
    people: tuple[Credentials, ...]
    guidance: tuple[str, ...]
    slip: tuple[str, ...]


def read_text(folder: Path, name: str, values: dict[str, str]) -> tuple[str, ...]:
    """The lines of the text `name` in this folder, with `values` put in for names in braces; no blank lines.

    Raises ConfigError: the file is not there, or braces hold a name that is not known.
    """
    path = folder / name
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            _("The text {path} cannot be read: {why}.").format(path=path, why=error),
            hint=_("It is named by handout_dir of the site; config/handout holds a sample."),
        ) from None
    filled = (compiled(str(path), line.strip(), values)(values) for line in lines if line.strip())
    return tuple(filled)
