"""First passwords: by the policy, sealed before they are sent, only for accounts that have one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import BrokenData
from connector.jobs.apply import apply
from connector.jobs.first_passwords import UNCLEAR, alphabet_of, new_password, prepare_passwords
from connector.jobs.plan import make_plan
from connector.jobs.rekey_passwords import rekey_passwords
from connector.jobs.sealing import read_key
from connector.model import Account
from connector.sandbox.user_rules import password_errors
from connector.settings import AccountMapping, Passwords
from connector.store.store import Store
from tests.jobs.world import PROGRAMME, World, learner

ACCOUNT = Account(username="0912000001", firstname="A", lastname="B", email="", idnumber="")
CLASSES = {"capitals": str.isupper, "small_letters": str.islower, "digits": str.isdigit}


@st.composite
def policies(draw: st.DrawFn) -> Passwords:
    least = {name: draw(st.integers(name == "small_letters", 2)) for name in (*CLASSES, "signs")}
    return Passwords(length=draw(st.integers(max(8, 2 * sum(least.values())), 20)), **least)


def test_moodles_default_policy_takes_the_default_passwords() -> None:
    made = {new_password(Passwords()) for _turn in range(200)}
    assert len(made) == 200
    assert {password_errors(password) for password in made} == {""}


@given(policies())
@settings(max_examples=60, deadline=None)
def test_a_password_has_the_length_and_enough_of_each_kind(policy: Passwords) -> None:
    password = new_password(policy)
    assert len(password) == policy.length
    assert not set(password) & UNCLEAR
    for name, belongs in CLASSES.items():
        found = sum(belongs(sign) for sign in password)
        assert found >= getattr(policy, name)
        assert getattr(policy, name) or not found
    signs = [sign for sign in password if not sign.isalnum()]
    assert len(signs) >= policy.signs
    assert set(signs) <= set(policy.sign_set if policy.signs else "")


def test_fits_tells_a_password_of_another_policy() -> None:
    old = new_password(Passwords())
    assert alphabet_of(Passwords()).fits(old)
    assert not alphabet_of(Passwords(length=14)).fits(old)
    assert not alphabet_of(Passwords(digits=3)).fits("Abcdefg@hij2")
    assert alphabet_of(Passwords(digits=3)).fits("Abcde2g@h3j2")


def test_the_same_account_gets_the_same_password_again(world: World) -> None:
    first = prepare_passwords(world.ctx, "sandbox", [ACCOUNT])
    assert prepare_passwords(world.ctx, "sandbox", [ACCOUNT]) == first
    assert prepare_passwords(world.ctx, "other", [ACCOUNT]) != first
    assert world.ctx.settings.password_key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("auth", ["oidc", "oauth2", "ldap", "nologin"])
def test_accounts_that_sign_in_elsewhere_get_none(world: World, auth: str) -> None:
    assert prepare_passwords(world.ctx, "sandbox", [replace(ACCOUNT, auth=auth)]) == {}
    assert not world.ctx.settings.password_key.exists()


def test_a_whole_apply_for_another_sign_in_makes_no_password(world: World) -> None:
    site = world.ctx.settings.site("sandbox")
    oidc = site.model_copy(update={"accounts": AccountMapping(auth="oidc")})
    world.ctx = replace(world.ctx, settings=world.ctx.settings.model_copy(update={"sites": {"sandbox": oidc}}))
    world.register(learner(1))
    assert world.provision().complete
    assert world.lms.passwords == {"0912000001": ""}
    assert world.lms.must_change == set()


def test_a_refused_account_leaves_no_password_behind(world: World) -> None:
    world.register(learner(1), learner(2))
    world.lms.refuse = {("0912000001",): "passwordpolicy"}
    plan = make_plan(world.ctx, PROGRAMME)
    assert not apply(world.ctx, plan).complete
    with world.ctx.store.begin() as tx:
        assert set(tx.passwords.sealed("sandbox", ["0912000001", "0912000002"])) == {"0912000002"}
    world.lms.refuse.clear()
    longer = world.ctx.settings.model_copy(update={"passwords": Passwords(length=16)})
    world.ctx = replace(world.ctx, settings=longer)
    assert world.provision().complete
    assert [len(world.lms.passwords[name]) for name in ("0912000001", "0912000002")] == [16, 12]


def test_another_key_opens_nothing_and_says_so(world: World) -> None:
    prepare_passwords(world.ctx, "sandbox", [ACCOUNT])
    world.ctx.settings.password_key.write_bytes(b"1" * 32)
    with pytest.raises(BrokenData, match="cannot be opened"):
        prepare_passwords(world.ctx, "sandbox", [ACCOUNT])
    world.ctx.settings.password_key.write_bytes(b"short")
    with pytest.raises(BrokenData, match="damaged"):
        prepare_passwords(world.ctx, "sandbox", [ACCOUNT])


def test_a_new_key_opens_everything_and_the_old_one_nothing(world: World) -> None:
    first = prepare_passwords(world.ctx, "sandbox", [ACCOUNT])
    path = world.ctx.settings.password_key
    old = path.read_bytes()
    assert rekey_passwords(world.ctx) == 1
    assert path.read_bytes() != old
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.glob("password.key*")] == ["password.key"]
    assert prepare_passwords(world.ctx, "sandbox", [ACCOUNT]) == first
    path.write_bytes(old)
    with pytest.raises(BrokenData):
        prepare_passwords(world.ctx, "sandbox", [ACCOUNT])


def test_a_rekeying_that_was_cut_off_is_finished_by_the_next(world: World) -> None:
    first = prepare_passwords(world.ctx, "sandbox", [ACCOUNT])
    path = world.ctx.settings.password_key
    old = path.read_bytes()
    rekey_passwords(world.ctx)
    new = path.read_bytes()
    path.write_bytes(old)
    path.with_name("password.key.new").write_bytes(new)
    with pytest.raises(BrokenData, match="rekey"):
        prepare_passwords(world.ctx, "sandbox", [ACCOUNT])
    assert rekey_passwords(world.ctx) == 1
    assert path.read_bytes() == new
    assert prepare_passwords(world.ctx, "sandbox", [ACCOUNT]) == first


def test_the_database_file_holds_no_clear_password(world: World, tmp_path: Path) -> None:
    (password,) = prepare_passwords(world.ctx, "sandbox", [ACCOUNT]).values()
    Store(f"sqlite:///{tmp_path}/connector.db").close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("connector.db*"))
    assert b"0912000001" in content
    assert password.encode() not in content


def test_a_key_is_whole_or_not_there_and_the_first_one_stays(tmp_path: Path) -> None:
    """A process killed between making the file and filling it once left a key of 0 bytes (make faults)."""
    path = tmp_path / "keys" / "password.key"
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(read_key, [path] * 40))
    assert keys == {path.read_bytes()}
    assert [file.name for file in path.parent.iterdir()] == ["password.key"]
    assert path.stat().st_mode & 0o077 == 0
