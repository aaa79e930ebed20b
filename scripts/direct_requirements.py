"""setup.cfg's direct dependencies as two requirements files, since deptry does not read setup.cfg."""

import sys
from configparser import ConfigParser
from pathlib import Path

SETUP = Path(__file__).parent.parent / "setup.cfg"


def main(folder: Path) -> None:
    """Write run.txt (install_requires) and extra.txt (all extras) into the folder."""
    setup = ConfigParser()
    setup.read(SETUP, encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.txt").write_text(setup["options"]["install_requires"].lstrip(), encoding="utf-8")
    extras = setup["options.extras_require"]
    (folder / "extra.txt").write_text("\n".join(extras[name].strip() for name in extras), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
