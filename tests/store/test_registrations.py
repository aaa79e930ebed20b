from dataclasses import replace
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import event, text

from connector.model import Intake, RegistrationState
from connector.store.store import Store, Transaction, alembic_config
from tests.store.people import LATER, NOW, PROGRAMME, learner, registration, roster_file


def ids(tx: Transaction) -> dict[int, set[str]]:
    return {file.id: set() for file in tx.registrations.files_in_force(PROGRAMME)}


def test_a_file_is_known_by_its_content_while_it_is_in_force(store: Store) -> None:
    with store.begin() as tx:
        assert not tx.registrations.holds(PROGRAMME, "a.xlsx", "1" * 64)
        tx.registrations.add_file(roster_file("a.xlsx", [learner(1)], "1" * 64), NOW)
        assert tx.registrations.holds(PROGRAMME, "a.xlsx", "1" * 64)
        tx.registrations.add_file(roster_file("a.xlsx", [learner(1)], "2" * 64), LATER, ids(tx))
        assert not tx.registrations.holds(PROGRAMME, "a.xlsx", "1" * 64)


def test_a_file_takes_the_place_of_another(store: Store) -> None:
    one, two, three = learner(1), learner(2), learner(3)
    with store.begin() as tx:
        assert tx.registrations.add_file(roster_file("a.xlsx", [one, two]), NOW) == {one.phone, two.phone}
        touched = tx.registrations.add_file(roster_file("a.xlsx", [two, three]), LATER, ids(tx))
        assert touched == {one.phone, two.phone, three.phone}
        rows = tx.registrations.rows_in_force(PROGRAMME, touched)
    assert rows == {two.phone: [two], three.phone: [three]}


def test_an_empty_file_ends_the_rows_of_the_earlier_one(store: Store) -> None:
    with store.begin() as tx:
        tx.registrations.add_file(roster_file("a.xlsx", [learner(1)]), NOW)
        assert tx.registrations.add_file(roster_file("a.xlsx", []), LATER, ids(tx)) == {learner(1).phone}
        assert tx.registrations.rows_in_force(PROGRAMME, [learner(1).phone]) == {}


def test_rows_of_several_files_come_oldest_first(store: Store) -> None:
    old, new = learner(1, file="a.xlsx"), learner(1, file="b.xlsx", name="Nguyễn Văn Khác")
    with store.begin() as tx:
        tx.registrations.add_file(roster_file("a.xlsx", [old]), NOW)
        tx.registrations.add_file(roster_file("b.xlsx", [new]), LATER)
        assert tx.registrations.rows_in_force(PROGRAMME, [old.phone]) == {old.phone: [old, new]}


def test_complete_lists_end_the_other_rows_of_their_provinces_only(store: Store) -> None:
    here, elsewhere = learner(1, file="a.xlsx", province="40"), learner(2, file="a.xlsx", province="31")
    with store.begin() as tx:
        tx.registrations.add_file(roster_file("a.xlsx", [here, elsewhere]), NOW)
        tx.registrations.add_file(roster_file("b.xlsx", [learner(3, file="b.xlsx")]), LATER)
        assert tx.registrations.end_other_rows(PROGRAMME, Intake.DEPARTMENT, {"40"}, {"b.xlsx"}) == {here.phone}


def test_registrations_are_kept_by_phone_and_listed_by_province(store: Store) -> None:
    first, second = registration(2, province="40"), registration(1, province="31")
    with store.begin() as tx:
        tx.registrations.save([first, second], NOW)
        tx.registrations.save([registration(2, RegistrationState.LEFT, province="40")], LATER)
        listed = list(tx.registrations.of_programme(PROGRAMME))
        assert [item.learner.province_code for item in listed] == ["31", "40"]
        assert [item.state for item in listed] == [RegistrationState.CONFIRMED, RegistrationState.LEFT]
        assert list(tx.registrations.of_programme(PROGRAMME, ["31"])) == [second]
        assert tx.registrations.of_phones(PROGRAMME, [second.learner.phone, "+84900000000"]) == {
            second.learner.phone: second
        }
        assert list(tx.registrations.of_programme("another")) == []


def test_who_was_told_is_noted_once_and_kept(store: Store) -> None:
    one, two = registration(1), registration(2)
    with store.begin() as tx:
        tx.registrations.save([one, two], NOW)
        assert tx.registrations.mark_informed(PROGRAMME, [one.learner.phone, "+84900000000"], NOW) == 1
        assert tx.registrations.mark_informed(PROGRAMME, [one.learner.phone], LATER) == 0
        tx.registrations.save([one], LATER)
        assert tx.registrations.informed(PROGRAMME) == {one.learner.phone}
        assert tx.registrations.informed("another") == set()


def test_files_in_force_count_their_rows(store: Store) -> None:
    here, elsewhere = learner(1, file="a.xlsx", province="40"), learner(2, file="a.xlsx", province="31")
    with store.begin() as tx:
        tx.registrations.add_file(roster_file("a.xlsx", [here, elsewhere]), NOW)
        tx.registrations.add_file(roster_file("empty.xlsx", []), NOW)
        tx.registrations.end_other_rows(PROGRAMME, Intake.DEPARTMENT, {"31"}, {"b.xlsx"})
        files = tx.registrations.files_in_force(PROGRAMME)
    assert [(file.name, file.intake, file.rows, file.holding) for file in files] == [
        ("a.xlsx", Intake.DEPARTMENT, {"40": 1, "31": 1}, 1),
        ("empty.xlsx", Intake.DEPARTMENT, {}, 0),
    ]


def test_a_self_registration_is_read_back_with_moment_and_sources(store: Store) -> None:
    own = replace(learner(1), intake=Intake.SELF, registered_at=NOW)
    item = replace(registration(1), learner=own, sources=(("position", "qr.csv:2"),))
    with store.begin() as tx:
        tx.registrations.save([item], LATER)
        assert list(tx.registrations.of_programme(PROGRAMME)) == [item]
        tx.registrations.add_file(replace(roster_file("qr.csv", [own]), intake=Intake.SELF), NOW)
        (row,) = tx.registrations.rows_in_force(PROGRAMME, [own.phone])[own.phone]
        assert (row.intake, row.registered_at) == (Intake.SELF, NOW)
        assert tx.registrations.end_other_rows(PROGRAMME, Intake.DEPARTMENT, {"40"}, set()) == set()


def test_the_migration_confirms_who_stands_in_a_list(store: Store) -> None:
    config = alembic_config()
    with store.begin() as tx:
        tx.registrations.save([registration(1), registration(2, RegistrationState.REGISTERED)], NOW)
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        states = connection.execute(text("SELECT state FROM registrations ORDER BY phone")).scalars().all()
        assert states == ["registered", "left"]
        command.upgrade(config, "head")
    with store.begin() as tx:
        found = [item.state for item in tx.registrations.of_programme(PROGRAMME)]
    assert found == [RegistrationState.CONFIRMED, RegistrationState.LEFT]


def test_the_people_of_a_province_are_read_without_those_of_the_others(tmp_path: Path) -> None:
    """With an index that does not sort them by phone SQLite reads everybody of the programme for each province."""
    opened = Store(f"sqlite:///{tmp_path}/connector.db")
    asked: list[tuple[str, Any]] = []
    event.listen(
        opened.engine, "before_cursor_execute", lambda _c, _cursor, sql, values, *_: asked.append((sql, values))
    )
    with opened.begin() as tx:
        list(tx.registrations.of_programme(PROGRAMME, ["31"]))
    sql, values = next((sql, values) for sql, values in asked if "FROM registrations" in sql)
    with opened.engine.connect() as connection:
        steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
    opened.close()
    assert [step for step in steps if "programme=? AND province_code=?" in step] == steps
