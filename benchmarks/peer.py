"""The named peer: pymoodle creates the same accounts, as a careful programmer would call it (100 in a request).

Run as `python -m benchmarks.peer FOLDER ROSTERS`; prints JSON. Counted is the CPU time of turning people into accounts
with a first password and of the calls; reading the rosters is done before.
"""

import gc
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from moodle.session import MoodleClient

from connector.jobs.first_passwords import new_password
from connector.jobs.sandbox import running_sandbox
from connector.model import Account
from connector.rosters.reader import read_roster
from connector.settings import AccountMapping
from connector.sync.mapping import AccountMapper

CHUNK = 100


def main(folder: Path, rosters: Path) -> None:
    """Create the accounts and print what it cost."""
    mapper = AccountMapper(AccountMapping())
    people = [learner for path in sorted(rosters.iterdir()) for learner in read_roster(path).accepted]
    gc.set_threshold(200_000, 50, 1_000)  # as the connector does
    with running_sandbox(folder) as sandbox:
        token = sandbox.token_file.read_text(encoding="utf-8").strip()
        with MoodleClient(sandbox.url, token, timeout=120) as client:
            wall, cpu = time.perf_counter(), time.process_time()
            made = 0
            for start in range(0, len(people), CHUNK):
                users = [as_user(mapper.account(learner)) for learner in people[start : start + CHUNK]]
                made += len(client.core_user_create_users(users=users))
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    requests = -(-len(people) // CHUNK)
    print(
        json.dumps({"accounts": made, "requests": requests, "cpu": cpu, "wall": wall, "version": version("pymoodle")})
    )


def as_user(account: Account) -> Any:
    """The account in the web service's own shape, with every field that the connector sends as well."""
    return {
        "username": account.username,
        "password": new_password(),
        "firstname": account.firstname,
        "lastname": account.lastname,
        "email": account.email,
        "idnumber": account.idnumber,
        "auth": account.auth,
        **dict(account.fields),
        "customfields": [{"type": name, "value": value} for name, value in account.profile],
        "preferences": [{"type": "auth_forcepasswordchange", "value": "1"}],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
