from connector.sync.shrink import ALL, PLACE, PROVINCE, Bounds, Group, Shrink, ShrinkGuard

Row = tuple[str, str]
BOUNDS = Bounds(share=0.1, floor=5)


def rows(place: str, province: str, count: int) -> list[Row]:
    return [(place, f"{province}{number:04d}") for number in range(count)]


def guard(accepted: dict[tuple[str, Group], int] | None = None) -> ShrinkGuard:
    return ShrinkGuard(bounds=BOUNDS, province_of=lambda name: name[:2], accepted=accepted or {})


def held(one: ShrinkGuard, lost: list[Row], standing: list[Row]) -> set[Row]:
    return one.held("done", lost, standing, lambda row: one.groups(*row))


def test_a_share_and_a_floor_must_both_be_passed() -> None:
    assert not BOUNDS.exceeded(before=5, lost=5)
    assert BOUNDS.exceeded(before=6, lost=6)
    assert not BOUNDS.exceeded(before=100, lost=10)
    assert BOUNDS.exceeded(before=100, lost=11)


def test_all_that_is_missing_is_held_once_under_one_head() -> None:
    one, everything = guard(), rows("k/a", "01", 20) + rows("k/b", "31", 20)
    assert held(one, everything, everything) == set(everything)
    assert one.found == [Shrink(measure="done", group=ALL, before=40, lost=40)]


def test_a_single_place_is_held_and_what_is_lost_elsewhere_is_believed() -> None:
    one, off, other = guard(), rows("k/a", "01", 20), rows("k/b", "31", 400)
    assert held(one, [*off, *other[:3]], [*off, *other]) == set(off)
    assert {shrink.group for shrink in one.found} == {(PLACE, "k/a"), (PROVINCE, "01")}


def test_a_province_that_is_not_shown_is_held() -> None:
    one, blind, other = guard(), rows("", "01", 30), rows("", "31", 600)
    assert held(one, blind, [*blind, *other]) == set(blind)
    assert one.found == [Shrink(measure="done", group=(PROVINCE, "01"), before=30, lost=30)]


def test_what_names_nobody_is_counted_as_a_whole() -> None:
    one = guard()
    assert one.groups("", "") == [ALL]
    assert ShrinkGuard(bounds=BOUNDS, province_of=lambda _name: "").groups("", "x") == [ALL]


def test_few_are_believed_even_when_they_were_all() -> None:
    few = rows("k/a", "01", 5)
    assert held(guard(), few, few) == set()


def test_a_loss_below_the_share_is_believed() -> None:
    many = rows("k/a", "01", 100)
    assert held(guard(), many[:10], many) == set()


def test_pieces_of_one_reading_are_summed() -> None:
    one = guard()
    for _piece in range(2):
        held(one, rows("", "01", 20), rows("", "01", 20))
    assert one.found == [Shrink(measure="done", group=ALL, before=40, lost=40)]


def test_what_was_accepted_is_believed_and_not_more_than_that() -> None:
    everything = rows("k/a", "01", 20)
    assert held(guard({("done", ALL): 20}), everything, everything) == set()
    assert held(guard({("done", ALL): 19}), everything, everything) == set(everything)
    assert held(guard({("grade", ALL): 20}), everything, everything) == set(everything)
