"""Who runs the connector, and as which process of which machine: for recorded runs and for leases."""

import getpass
import os
import socket
from dataclasses import dataclass
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")
PROCESSES = Path("/proc/self/ns/pid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The person (`who`) and the process. `trigger` is 'hand' or 'schedule'.

    `machine` names one boot of one machine and one numbering of its processes, so that `pid` means something; '' where
    that cannot be told. Two containers may bear the same `host`.
    """

    who: str
    host: str
    machine: str
    pid: int
    trigger: str = "hand"

    def surely_gone(self, other_machine: str, other_pid: int) -> bool:
        """True when that process was one of this very machine and is there no more. Asks the system only."""
        if not self.machine or other_machine != self.machine:
            return False
        try:
            os.kill(other_pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False


def this_process() -> Caller:
    """The user of the operating system in this process."""
    return Caller(who=_user(), host=socket.gethostname(), machine=_machine(), pid=os.getpid())


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        return f"uid {os.getuid()}"


def _machine() -> str:
    try:
        return f"{BOOT.read_text(encoding='ascii').strip()} {PROCESSES.readlink()}"
    except OSError:
        return ""
