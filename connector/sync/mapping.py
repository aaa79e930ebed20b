"""How a learner becomes an account: the patterns of the configuration, checked once and filled 18,000 times."""

from collections.abc import Callable, Iterable, Mapping
from string import Formatter

from connector.errors import ConfigError
from connector.language import _
from connector.model import Account, Learner, national_phone
from connector.places import commune_by_code, province_by_code
from connector.settings import AccountMapping

Values = Mapping[str, str]
Fill = Callable[[Values], str]

PHONE = ("phone", "phone_national")
PERSON = (
    *PHONE,
    "full_name",
    "given_name",
    "family_and_middle",
    "province",
    "province_code",
    "commune",
    "commune_code",
    "workplace",
    "position",
)
ACCOUNT = (*PERSON, "username")
PLACE = ("province", "province_code")


def compiled(where: str, pattern: str, known: Iterable[str]) -> Fill:
    """A function that fills the pattern from values by name. Raises ConfigError for a name that is not known.

    `where` names the pattern in the configuration, for the error. Conversions, formats and attributes are refused:
    they could only turn a wrong value into another wrong value.
    """
    names = sorted(known)
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError as error:
        raise ConfigError(
            _("The pattern {where}: '{pattern}' is broken: {why}.").format(where=where, pattern=pattern, why=error)
        ) from None
    for _text, name, form, conversion in parts:
        if name is not None and (name not in names or form or conversion):
            raise ConfigError(
                _("The pattern {where}: '{pattern}' holds '{name}', which is not known.").format(
                    where=where, pattern=pattern, name=name
                ),
                hint=_("Known names: {names}.").format(names=", ".join(names)),
            )
    return _filler(pattern, [name for _text, name, _form, _conversion in parts if name is not None])


def _filler(pattern: str, names: list[str]) -> Fill:
    if not names:
        constant = pattern.format()
        return lambda _values: constant
    if pattern == f"{{{names[0]}}}":
        name = names[0]
        return lambda values: values[name]
    return pattern.format_map


class AccountMapper:
    """Accounts for learners by one site's mapping. Pure but for the built-in list of places."""

    def __init__(self, mapping: AccountMapping) -> None:
        """Check and compile the patterns. Raises ConfigError naming the wrong one."""
        self._auth = mapping.auth
        self._username = compiled("accounts.username", mapping.username, PERSON)
        self._by_phone = {name for _text, name, *_rest in Formatter().parse(mapping.username) if name} <= set(PHONE)
        self._idnumber = compiled("accounts.idnumber", mapping.idnumber, ACCOUNT)
        self._email = compiled("accounts.email", mapping.email, ACCOUNT)
        self._fields = _compiled_all("accounts.fields", mapping.fields)
        self._profile = _compiled_all("accounts.profile_fields", mapping.profile_fields)

    def username(self, learner: Learner) -> str:
        """The log-in name of this learner. Raises ConfigError when the pattern gives an empty one."""
        return self._named(phone_values(learner) if self._by_phone else person_values(learner))

    def account(self, learner: Learner) -> Account:
        """The account of this learner: Moodle's first name is tên, its surname họ và tên đệm."""
        values = person_values(learner)
        username = values["username"] = self._named(values)
        return Account(
            username=username,
            firstname=values["given_name"],
            lastname=values["family_and_middle"],
            email=self._email(values),
            idnumber=self._idnumber(values),
            fields=tuple([(name, fill(values)) for name, fill in self._fields]),
            profile=tuple([(name, fill(values)) for name, fill in self._profile]),
            auth=self._auth,
        )

    def _named(self, values: Values) -> str:
        username = self._username(values)
        if not username:
            raise ConfigError(
                _("The pattern accounts.username gives an empty name for a learner."),
                hint=_("Use {phone_national}: every learner has a phone number."),
            )
        return username


def _compiled_all(where: str, patterns: Mapping[str, str]) -> list[tuple[str, Fill]]:
    return [(name, compiled(f"{where}.{name}", pattern, ACCOUNT)) for name, pattern in sorted(patterns.items())]


def phone_values(learner: Learner) -> dict[str, str]:
    """The values of the person's number alone: all that most usernames name, at a tenth of the cost of all values."""
    return {"phone": learner.phone, "phone_national": national_phone(learner.phone)}


def person_values(learner: Learner) -> dict[str, str]:
    """The values that a pattern may name, by name; an unknown commune gives empty texts."""
    commune_code = learner.commune_code or ""
    return {
        **phone_values(learner),
        "full_name": learner.full_name,
        "given_name": learner.given_name,
        "family_and_middle": learner.family_and_middle,
        "province": province_by_code(learner.province_code).name,
        "province_code": learner.province_code,
        "commune": commune_by_code(commune_code).name if commune_code else "",
        "commune_code": commune_code,
        "workplace": learner.workplace,
        "position": learner.position,
    }


def place_values(province_code: str) -> dict[str, str]:
    """The values that a cohort's pattern may name."""
    return {"province": province_by_code(province_code).name, "province_code": province_code}
