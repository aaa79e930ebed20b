"""The invented people of a campaign: who is on the roster, and how the roster changes half-way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from connector.model import Learner, Origin, Registration, RegistrationState

PROVINCES = {"01": "Hà Nội", "31": "Hải Phòng", "40": "Nghệ An", "46": "Huế", "79": "Hồ Chí Minh"}
_FAMILIES = ("Nguyễn Văn", "Trần Thị", "Lê Hữu", "Phạm Minh", "Hoàng Thị Thu", "Vũ")
_GIVEN = ("An", "Bình", "Châu", "Dũng", "Giang", "Hạnh", "Ý", "Đạt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who is registered, and who has left; of those who have another name now, the one before, by phone."""

    present: tuple[Learner, ...]
    left: tuple[Learner, ...] = ()
    names_before: Mapping[str, str] = field(default_factory=dict)

    def registrations(self, programme: str) -> list[Registration]:
        """The rows as an import leaves them."""
        return [
            Registration(programme=programme, learner=one, state=state)
            for people, state in ((self.present, RegistrationState.CONFIRMED), (self.left, RegistrationState.LEFT))
            for one in people
        ]


def first_roster(dice: Random, count: int) -> Roster:
    """So many people over five provinces."""
    return Roster(present=tuple(_person(dice, number) for number in range(count)))


def changed_roster(dice: Random, before: Roster) -> Roster:
    """Some days later: of 100 people 2 have left, 3 have another name, 2 another province, 4 are new."""
    people = list(before.present)
    dice.shuffle(people)
    share = len(people) // 100
    going = _few_of_each_province(people, 4 * share)
    leavers, movers = going[::2], going[1::2]
    rest = [one for one in people if one not in leavers]
    moved = {one.phone: replace(one, province_code=_another(dice, one)) for one in movers}
    # The family's name stays: with another one the plan would take them for other people who have got the numbers.
    renamed = {one.phone: replace(one, full_name=_renamed(one)) for one in rest[: 3 * share] if one not in movers}
    # Nobody new has the name of somebody who left: that might be one person with a new number, and would wait.
    arrived = [_person(dice, 5000 + number) for number in range(4 * share)]
    newcomers = [replace(one, full_name=f"{one.full_name} Tân") for one in arrived]
    present = [renamed.get(one.phone) or moved.get(one.phone) or one for one in rest]
    names = {one.phone: one.full_name for one in people if one.phone in renamed}
    return Roster(present=(*present, *newcomers), left=tuple(leavers), names_before=names)


def _renamed(one: Learner) -> str:
    return f"{one.full_name.partition(' ')[0]} Thị Mới"


def _few_of_each_province(people: Sequence[Learner], count: int) -> list[Learner]:
    """People who go, spread over the provinces, so that no guard holds their removal back."""
    by_province = {code: [one for one in people if one.province_code == code] for code in PROVINCES}
    order = [one for row in zip(*by_province.values(), strict=False) for one in row]
    return order[:count]


def _another(dice: Random, one: Learner) -> str:
    return dice.choice([code for code in PROVINCES if code != one.province_code])


def _person(dice: Random, number: int) -> Learner:
    return Learner(
        phone=f"+8491200{number:04d}",
        full_name=f"{dice.choice(_FAMILIES)} {dice.choice(_GIVEN)}",
        province_code=list(PROVINCES)[number % len(PROVINCES)],
        commune_code=None,
        workplace="UBND xã Nhân Hòa",
        position=dice.choice(("Chuyên viên", "Phó Chủ tịch", "")),
        origin=Origin(file="a.xlsx", sheet="Sheet1", row=number + 7),
    )
