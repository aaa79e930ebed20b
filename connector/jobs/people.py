"""Who is in a programme, under which username: the link between registrations and the platform's rows."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from connector.context import Context
from connector.model import Registration, RegistrationState
from connector.programmes.definition import Programme, SelfRegistration
from connector.sync.mapping import AccountMapper


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The registrations of a programme and their usernames on its site, in both directions."""

    registrations: tuple[Registration, ...]
    username_of: dict[str, str]
    phone_of: dict[str, str]


def people_of(ctx: Context, programme: Programme, provinces: Sequence[str] = ()) -> People:
    """Everybody who is or was registered in the programme (in these provinces, if any). Reads the database only.

    Where the programme accepts self-registrations as they are, they come as confirmed ones.
    """
    mapper = AccountMapper(ctx.settings.site(programme.site).accounts)
    with ctx.store.begin() as tx:
        registrations = tuple(
            under_policy(programme, item) for item in tx.registrations.of_programme(programme.key, provinces)
        )
    username_of = {item.learner.phone: mapper.username(item.learner) for item in registrations}
    return People(
        registrations=registrations,
        username_of=username_of,
        phone_of={username: phone for phone, username in username_of.items()},
    )


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
    """The registration under the programme's policy on self-registrations; the database keeps what lists say."""
    accepts = programme.registration.self_registration is SelfRegistration.ACCEPT
    if accepts and registration.state is RegistrationState.REGISTERED:
        return replace(registration, state=RegistrationState.CONFIRMED)
    return registration
