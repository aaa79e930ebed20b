"""Everything of one person, found in every table that can hold him; erased but for what the law wants kept."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, insert, select

from connector.errors import ConfigError
from connector.jobs.certify import push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import mirror
from connector.jobs.person import column_labels, erase_person, export_person, table_labels
from connector.jobs.retention import retention
from connector.language import use_language
from connector.lms import Oddity
from connector.settings import Retention, Settings
from connector.store.columns import metadata
from connector.store.mirror import Stamp
from connector.store.person import KEPT_WITH_CERTIFICATE, Identity, tables_of
from connector.store.registrations import RosterFile
from tests.databases import KINDS, address_of
from tests.jobs.world import PROGRAMME, START, World, learner, make_world

# Whose columns name officers, who act for their office; of no learner.
OF_OFFICERS = {"approvals", "handouts", "job_states", "leases", "mirror_holds", "runs", "site_bonds", "ticks"}
HIM, OTHER = learner(1), learner(2)


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    for address in address_of(request.param, request, schema=True):
        made = make_world(tmp_path, address)
        made.register(HIM, OTHER)
        made.provision()
        for one in (HIM, OTHER):
            made.complete(one, topics=10)
        mirror(made.ctx, PROGRAMME)
        evaluate(made.ctx, PROGRAMME)
        yield made
        made.ctx.store.close()


def listed(world: World) -> None:
    with world.ctx.store.begin() as tx:
        file = RosterFile(
            programme=PROGRAMME, name="a.xlsx", sha256="0" * 64, accepted=[HIM, OTHER], refused=[], skipped=0
        )
        tx.registrations.add_file(file, world.now)


def tables_with(world: World, needle: str) -> set[str]:
    """The tables in which the text stands anywhere at all."""
    with world.ctx.store.engine.connect() as connection:
        return {
            table.name
            for table in metadata.sorted_tables
            if any(needle in str(value) for row in connection.execute(select(table)) for value in row)
        }


def test_every_table_with_personal_data_is_found_by_phone_or_username() -> None:
    """A new table that holds somebody has one of the columns; otherwise it stands here with its reason."""
    found = {table.name for table, _mine in tables_of(Identity(phones=("x",), usernames=("y",)))}
    personal = {
        table.name for table in metadata.sorted_tables if any(column.info["pii"] != "none" for column in table.columns)
    }
    assert personal - found == OF_OFFICERS
    assert found >= KEPT_WITH_CERTIFICATE
    assert found <= table_labels().keys()


def test_all_that_is_held_is_written_with_labels(world: World, tmp_path: Path) -> None:
    use_language("vi")
    out = tmp_path / "out" / "person.json"
    counts = export_person(world.ctx, "0912 000 001", out)
    assert counts["mirror_results"] == 10
    text = out.read_text(encoding="utf-8")
    content = json.loads(text)
    assert OTHER.phone not in text
    assert "Số điện thoại (dữ liệu cơ bản)".casefold() in text.casefold()
    assert {part["bảng"] for part in content["dữ liệu"]} == set(counts)
    assert out.stat().st_mode & 0o077 == 0
    assert column_labels()["phone"] in text


def test_erasing_is_shown_first_and_then_leaves_nothing(world: World) -> None:
    shown = erase_person(world.ctx, HIM.phone, really=False)
    assert shown.order is None
    assert tables_with(world, "912000001") >= {"registrations", "mirror_results", "ledger", "journal"}
    with pytest.raises(ConfigError, match="still open"):
        erase_person(world.ctx, HIM.phone, really=True)
    assert tables_with(world, "912000001") >= {"registrations", "mirror_results", "ledger", "journal"}
    done = erase_person(world.ctx, HIM.phone, really=True, operator_closes=True)
    assert done.erased == shown.erased
    assert tables_with(world, "912000001") == set()
    assert tables_with(world, "912000002") >= {"registrations", "mirror_results", "ledger", "journal"}
    assert done.order
    assert "0912000001" in done.order.read_text(encoding="utf-8")
    assert {kind for _site, kind, _place, _number in done.on_platform} == {"account", "membership", "enrolment"}
    with pytest.raises(ConfigError, match="Nothing is held"):
        erase_person(world.ctx, HIM.phone, really=True)


def test_the_register_is_kept_with_the_reason(world: World) -> None:
    push_certificates(world.ctx, PROGRAMME)
    world.lms.issue_certificates(world.gate, world.now)
    push_certificates(world.ctx, PROGRAMME)
    done = erase_person(world.ctx, HIM.phone, really=True, operator_closes=True)
    assert "register" in done.kept
    assert "by law" in done.kept["register"]
    assert tables_with(world, "912000001") == set(done.kept)


def test_who_is_on_a_list_in_force_is_refused(world: World) -> None:
    listed(world)
    with pytest.raises(ConfigError, match="list in force"):
        erase_person(world.ctx, HIM.phone, really=True)
    assert "registrations" in tables_with(world, "912000001")


def test_an_open_outcome_refuses(world: World) -> None:
    journal = metadata.tables["journal"]
    with world.ctx.store.engine.begin() as connection:
        row = dict(
            connection.execute(select(journal).where(journal.c.username == "0912000001")).mappings().first() or {}
        )
        connection.execute(insert(journal).values(row | {"id": 9_999, "state": "sent", "settled_at": None}))
    with pytest.raises(ConfigError, match="not known yet"):
        erase_person(world.ctx, HIM.phone, really=True)


def test_nobody_of_this_number(world: World, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Nothing is held"):
        export_person(world.ctx, "0912999999", tmp_path / "x.json")


def test_old_rows_are_counted_and_then_deleted(world: World) -> None:
    listed(world)
    odd = Oddity(part="results", place="x", username="0912000001", why="?", raw="{}")
    with world.ctx.store.begin() as tx:
        tx.registrations.add_file(
            RosterFile(programme=PROGRAMME, name="a.xlsx", sha256="1" * 64, accepted=[OTHER], refused=[], skipped=0),
            world.now,
            {file.id: () for file in tx.registrations.files_in_force(PROGRAMME)},
        )
        tx.quarantine.add("sandbox", [odd], Stamp(START))
        tx.mirror.save_results("sandbox", world.programme.refs, ["0912000001"], [], Stamp(START))
    assert retention(world.ctx, really=True) == {"quarantine": 0}
    nothing = Settings(retention=Retention(quarantine=None))
    assert retention(replace(world.ctx, settings=nothing), really=True) == {}
    days = dict.fromkeys(("history", "gone", "quarantine", "journal", "old_lists"), 30)
    settings = Settings(state_dir=world.ctx.settings.state_dir, retention=Retention(**days))
    ctx = replace(world.ctx, settings=settings)
    assert set(retention(ctx, really=True).values()) == {0}
    world.now += timedelta(days=31)
    counts = retention(ctx, really=False)
    assert counts["history"] == counts["gone"] == 10
    assert (counts["quarantine"], counts["old_lists"]) == (1, 2)
    assert counts["journal"] > 0
    assert retention(ctx, really=True) == counts
    assert set(retention(ctx, really=False).values()) == {0}
    with world.ctx.store.begin() as tx:
        assert OTHER.phone in tx.registrations.rows_in_force(PROGRAMME, [OTHER.phone])


def test_earlier_numbers_of_a_person_are_found_through_his_renames(world: World) -> None:
    renames = metadata.tables["renames"]
    with world.ctx.store.engine.begin() as connection:
        values = {column.name: _filler(column) for column in renames.columns if column.name != "id"}
        names = {"old_username": "0912000001", "new_username": "0912000088"}
        phones = {"old_phone": HIM.phone, "new_phone": "+84912000088", "decided_at": START, "done_at": START}
        connection.execute(insert(renames).values(values | names | phones | {"site": "sandbox"}))
    with world.ctx.store.begin() as tx:
        who = tx.person.identity("+84912000088", "0912000088")
    assert who.phones == ("+84912000001", "+84912000088")
    assert who.usernames == ("0912000001", "0912000088")


def _filler(column: Column[Any]) -> object:
    """Any value that the column takes."""
    values: dict[type, object] = {int: 1, bool: True, float: 1.0, datetime: START, dict: [], list: []}
    return values.get(column.type.python_type, "x")
