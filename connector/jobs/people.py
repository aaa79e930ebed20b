"""Who is in a programme, under which username: the link between registrations and the platform's rows."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from connector.context import Context
from connector.model import Registration, RegistrationState
from connector.programmes.definition import Programme, SelfRegistration
from connector.sync.mapping import AccountMapper


@dataclass(frozen=True, kw_only=True)
class People:
    """The registrations of a programme and their usernames on its site, in both directions."""

    registrations: tuple[Registration, ...]
    username_of: dict[str, str]
    phone_of: dict[str, str]

    @cached_property
    def province_of(self) -> dict[str, str]:
        """The code of the province of each username."""
        return {self.username_of[one.learner.phone]: one.learner.province_code for one in self.registrations}


def registrations_of(ctx: Context, programme: Programme, provinces: Sequence[str] = ()) -> tuple[Registration, ...]:
    """Everybody who is or was registered in the programme (in these provinces, if any). Reads the database only.

    Where the programme accepts self-registrations as they are, they come as confirmed ones.
    """
    with ctx.store.begin() as tx:
        found = tx.registrations.of_programme(programme.key, provinces)
        return tuple(under_policy(programme, item) for item in found)


def people_of(ctx: Context, programme: Programme, provinces: Sequence[str] = ()) -> People:
    """Everybody who is or was registered, with the usernames on the programme's site. Reads the database only.

    Of a programme with several sites it is to be one of them: who is enrolled on another comes as one who has left.
    """
    return people_on(ctx, programme, registrations_of(ctx, programme, provinces))


def people_on(ctx: Context, programme: Programme, registrations: Sequence[Registration]) -> People:
    """These people with their usernames on the programme's site. Nothing is read."""
    mapper = AccountMapper(ctx.settings.site(programme.site).accounts)
    username_of = {item.learner.phone: mapper.username(item.learner) for item in registrations}
    return People(
        registrations=tuple(registrations),
        username_of=username_of,
        phone_of={username: phone for phone, username in username_of.items()},
    )


def at_home(ctx: Context, programme: Programme, phone: str) -> Programme:
    """The programme as the site has it that serves this person (the first, if nobody has this number).

    As it is where it has one site, or one is chosen. Reads the database only.
    """
    if programme.site_key is not None:
        return programme
    with ctx.store.begin() as tx:
        found = tx.registrations.of_phones(programme.key, [phone]).get(phone)
    return programme.on(programme.home(found.learner.province_code)) if found else programme.by_site[0]


def listed_usernames(ctx: Context, programme: Programme, outside: Collection[str] = ()) -> Iterator[str]:
    """The usernames of all who are on a list of the programme, but for those of the provinces `outside`.

    One by one, so that half a million people do not stand in memory at once. Reads the database only.
    """
    mapper = AccountMapper(ctx.settings.site(programme.site).accounts)
    with ctx.store.begin() as tx:
        for item in tx.registrations.of_programme(programme.key):
            if item.learner.province_code not in outside and under_policy(programme, item).is_listed:
                yield mapper.username(item.learner)


def phones_of(ctx: Context, programme: Programme, usernames: Collection[str]) -> dict[str, str]:
    """The phone of each of these usernames that the programme knows, listed or not. Reads the database only."""
    mapper = AccountMapper(ctx.settings.site(programme.site).accounts)
    with ctx.store.begin() as tx:
        everybody = (
            (mapper.username(item.learner), item.learner.phone) for item in tx.registrations.of_programme(programme.key)
        )
        return {username: phone for username, phone in everybody if username in usernames}


def names_of(ctx: Context, programme: Programme, usernames: Collection[str]) -> dict[str, str]:
    """The full name of each of these usernames that the programme knows. Reads the database only."""
    mapper = AccountMapper(ctx.settings.site(programme.site).accounts)
    with ctx.store.begin() as tx:
        learners = (item.learner for item in tx.registrations.of_programme(programme.key))
        everybody = ((mapper.username(learner), learner.full_name) for learner in learners)
        return {username: name for username, name in everybody if username in usernames}


def under_policy(programme: Programme, registration: Registration) -> Registration:
    """The registration under the programme's policy on self-registrations; the database keeps what lists say.

    For one site of several, who is enrolled on another has left this one.
    """
    if not programme.serves(registration.learner.province_code):
        return replace(registration, state=RegistrationState.LEFT)
    accepts = programme.registration.self_registration is SelfRegistration.ACCEPT
    if accepts and registration.state is RegistrationState.REGISTERED:
        return replace(registration, state=RegistrationState.CONFIRMED)
    return registration
