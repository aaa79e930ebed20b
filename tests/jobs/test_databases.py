"""The whole road, from plan to register, is the same on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.jobs.certify import push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.explain import person_story
from connector.jobs.mirror import mirror
from connector.jobs.plan import make_plan
from connector.jobs.report import progress_report
from connector.jobs.rosters import import_rosters
from tests.databases import KINDS, address_of
from tests.jobs.world import PROGRAMME, World, make_world

LIST = Path("examples/rosters/05_hue.csv")


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    for address in address_of(request.param, request, schema=True):
        made = make_world(tmp_path, address)
        yield made
        made.ctx.store.close()


def test_the_road_from_a_list_to_the_register(world: World) -> None:
    import_rosters(world.ctx, PROGRAMME, [LIST])
    world.provision()
    assert make_plan(world.ctx, PROGRAMME).changes == ()
    with world.ctx.store.begin() as tx:
        learners = [item.learner for item in tx.registrations.of_programme(PROGRAMME)]
    done, behind = learners[:20], learners[20:]
    for one in done:
        world.complete(one, topics=10)
    for one in behind:
        world.complete(one, topics=9)

    assert mirror(world.ctx, PROGRAMME).learners_read == len(learners)
    assert evaluate(world.ctx, PROGRAMME).passed == len(done)
    push_certificates(world.ctx, PROGRAMME)
    world.lms.issue_certificates(world.gate, world.now)
    issued = push_certificates(world.ctx, PROGRAMME).issued

    assert [entry.register_no for entry in issued] == [f"{number:05d}/2025/GCN-BKHCN" for number in range(1, 21)]
    assert {entry.phone for entry in issued} == {one.phone for one in done}
    story = person_story(world.ctx, done[0].phone, PROGRAMME)
    assert any(issued_no in line for line in story.chapters[-1].lines for issued_no in (e.register_no for e in issued))
    report = progress_report(world.ctx, PROGRAMME, formats=["csv"], folder=world.ctx.settings.state_dir)
    assert report.files
    again = mirror(world.ctx, PROGRAMME)
    assert {name: (part.new, part.changed, part.gone) for name, part in again.parts} == dict.fromkeys(
        dict(again.parts), (0, 0, 0)
    )
