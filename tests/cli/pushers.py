"""So many processes that push at the same time: python -m tests.cli.pushers CONFIG COUNT. Fails when one of them does.

The program is loaded once, in a process without threads, and then forked: eight starts would cost more than the pushes.
"""

import os
import sys

from connector.cli.main import main


def _push(config: str) -> int:
    try:
        main(["--config", config, "certificates", "push", "--wait", "20"])
    except SystemExit as leave:
        sys.stdout.flush()
        return int(str(leave.code))
    return 0


if __name__ == "__main__":
    children = []
    for _number in range(int(sys.argv[2])):
        child = os.fork()
        if child == 0:
            os._exit(_push(sys.argv[1]))
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    sys.exit(max(map(abs, codes)))
