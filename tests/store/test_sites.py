"""Programmes on several sites: what a database from before says of them after the migration, and back."""

from dataclasses import replace
from datetime import timedelta

from alembic import command
from sqlalchemy import text

from connector.model import CertificateState, TopicRef, TopicSeen
from connector.store.mirror import ListedTopic
from connector.store.mirror_merge import Stamp
from connector.store.store import Store, alembic_config
from tests.certificates.samples import AN, BINH, entry
from tests.store.people import NOW

LATER = NOW + timedelta(days=1)
TOPIC = ListedTopic(
    key="cd01",
    name="Chuyên đề 1",
    kind="mandatory",
    hours=None,
    seen=TopicSeen(ref=TopicRef(course="k1"), remote_id="3", name="Bài 1"),
)


def migrate(store: Store, *targets: str) -> None:
    config = alembic_config()
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        for target in targets:
            (command.downgrade if target != "head" else command.upgrade)(config, target)


def filled(store: Store) -> None:
    with store.begin() as tx:
        for site, programme in (("first", "k1"), ("second", "k1"), ("third", "k2")):
            tx.mirror.save_topics(site, programme, [TOPIC], Stamp(NOW))
        tx.marks.mark("first", "k1", "topics", Stamp(NOW), seen=1, whole_at=NOW)
        for site in ("west", "first"):
            run = tx.runs.start("certify", site=site, programme="k1", now=NOW)
            tx.runs.finish(run, "done", {}, LATER)
        tx.runs.start("evaluate", site="second", programme="k1", now=NOW)
        tx.register.add([entry(AN), entry(BINH, CertificateState.DUE, granted=None)])
        tx.register.add([replace(entry(AN), programme="k2", book="k2")])


def test_what_was_released_and_mirrored_before_keeps_the_site_it_had(store: Store) -> None:
    filled(store)
    migrate(store, "0013", "head")
    with store.begin() as tx:
        released = {phone: one.site for phone, one in tx.register.of_programme("k1").items()}
        assert released == {AN: "first", BINH: ""}
        assert tx.register.of_programme("k2")[AN].site == ""  # nobody knows any more who pushed it
    with store.engine.connect() as connection:
        topics = connection.execute(text("SELECT site, programme, topic FROM mirror_topics")).all()
    assert [tuple(row) for row in topics] == [("first", "k1", "cd01")]  # k2 is listed anew by its next mirror run


def test_on_the_way_back_one_list_of_topics_is_left_for_each_programme(store: Store) -> None:
    filled(store)
    migrate(store, "0013")
    with store.engine.connect() as connection:
        topics = connection.execute(text("SELECT programme, topic FROM mirror_topics ORDER BY programme")).all()
    assert [tuple(row) for row in topics] == [("k1", "cd01"), ("k2", "cd01")]
    migrate(store, "head")
