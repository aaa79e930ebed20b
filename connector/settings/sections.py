"""The parts of the configuration: what each key means, its default and its bounds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    UrlConstraints,
    field_validator,
    model_validator,
)

from connector.errors import ConfigError
from connector.language import _
from connector.settings.secret_file import read_secret

SiteKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _plain_http_only_to_this_machine(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.scheme == "http" and url.host not in ("127.0.0.1", "localhost", "[::1]"):
        raise ValueError("plain http would send the token unprotected; use https (http only for 127.0.0.1)")
    return url


SiteUrl = Annotated[
    AnyHttpUrl,
    UrlConstraints(allowed_schemes=["http", "https"]),
    AfterValidator(_plain_http_only_to_this_machine),
]


class Section(BaseModel):
    """Base of all parts of the configuration: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountMapping(Section):
    """How a learner becomes an account. Braces may hold: phone, phone_national, full_name, given_name,
    family_and_middle, province, province_code, commune, commune_code, workplace, position, username.
    """

    username: str = Field(
        default="{phone_national}", description="Log-in name. On Moodle: digits only, a leading + is refused."
    )
    idnumber: str = Field(default="VN-{phone_national}", description="Our key in the account's ID number field.")
    email: str = Field(
        default="{phone_national}@hocvien.invalid",
        description="Address for people without one; mail to .invalid is never sent.",
    )
    fields: dict[str, str] = Field(
        default={
            "institution": "{workplace}",
            "city": "{province}",
            "country": "VN",
            "phone2": "{phone_national}",
            "timezone": "Asia/Ho_Chi_Minh",
        },
        description="The platform's standard profile fields.",
    )
    profile_fields: dict[str, str] = Field(
        default={"province": "{province}", "commune": "{commune}", "position": "{position}"},
        description="The site's custom profile fields by short name; they must exist, or Moodle drops them silently.",
    )
    auth: str = Field(default="manual", description="Moodle's authentication method of new accounts.")


_OPENEDX_ACCOUNTS = {"idnumber": "", "fields": {"country": "VN"}, "profile_fields": {}, "auth": "openedx"}


class Site(Section):
    """One platform that is driven from outside."""

    platform: Literal["moodle", "openedx"] = Field(default="moodle", description="The kind of platform.")
    url: SiteUrl = Field(description="Address of the site, with its path if it has one.")
    token: SecretStr | None = Field(default=None, description="Web-service token; better in a variable or token_file.")
    token_file: Path | None = Field(default=None, description="File that holds the token alone.")
    client_id: str = Field(default="", description="Open edX: id of the OAuth application (client credentials).")
    client_secret: SecretStr | None = Field(
        default=None, description="Open edX: its secret; better in a variable or client_secret_file."
    )
    client_secret_file: Path | None = Field(default=None, description="Open edX: file that holds the secret alone.")
    mode: str = Field(
        default="honor",
        pattern=r"^[a-z][a-z0-9-]*$",
        description="Open edX: mode of the enrolments; audit earns no certificate.",
    )
    sign_up: Literal["csv", "none"] = Field(
        default="none",
        description="Open edX: who makes accounts. csv: the connector, where the site has automated sign-ups; none: "
        "they come from elsewhere (single sign-on), the connector only looks them up.",
    )
    known_username: str = Field(
        default="",
        description="Moodle: somebody who certainly exists and is not the connector's own account, such as the site's "
        "administrator: when they are not found, the token is blind and nothing is believed.",
    )
    student_role_id: int = Field(default=5, gt=0, description="Id of the role that learners get (Moodle: 5, student).")
    connect_timeout: float = Field(default=10.0, gt=0, description="Seconds to wait for a connection.")
    read_timeout: float = Field(default=120.0, gt=0, description="Seconds to wait for an answer.")
    retry_budget: float = Field(default=120.0, ge=0, description="Seconds that one call may spend on safe retries.")
    format: Literal["json", "xml"] = Field(
        default="json", description="Format of the platform's answers; xml where a gateway lets no JSON through."
    )
    form_variables: int = Field(
        default=900,
        ge=50,
        description="Form variables a request may have where batches cannot go as JSON; the site is asked for more.",
    )
    connections: int = Field(
        default=2, ge=1, le=8, description="Connections that read at the same time; writes always go one by one."
    )
    outages: int = Field(
        default=5, ge=0, description="So many failures in a row and the site is left alone for a while (0: never)."
    )
    outage_pause: float = Field(default=30.0, gt=0, description="Seconds for which it is then left alone.")
    requests_per_minute: int = Field(default=0, ge=0, description="The most requests a minute (0: no ceiling).")
    office_requests_per_minute: int = Field(
        default=0, ge=0, description="The most requests a minute in office hours, Monday to Friday (0: no ceiling)."
    )
    office_hours: str = Field(
        default="07:30-17:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$",
        description="Office hours, in Vietnam's time.",
    )
    cohort_unenrol: Literal["unknown", "unenrol", "suspend", "keep"] = Field(
        default="unknown",
        description="What courses that enrol a cohort do to who leaves it; no web service tells it, so ask the site's "
        "administrator (Moodle: enrol_cohort, 'External unenrol action'). Plans word their consequences by it.",
    )
    accounts: AccountMapping = Field(default=AccountMapping(), description="How a learner becomes an account.")
    handout_dir: Path = Field(
        default=Path("config/handout"),
        description="Folder of the texts that go with passwords: guidance.md (sheet of the workbook), slip.md (slips).",
    )

    @model_validator(mode="before")
    @classmethod
    def _accounts_of_the_platform(cls, given: Any) -> Any:
        """Open edX keeps neither an ID number nor profile fields of ours, so its mapping begins without them."""
        if not isinstance(given, Mapping) or given.get("platform") != "openedx":
            return given
        accounts = given.get("accounts") or {}
        return {**given, "accounts": {**_OPENEDX_ACCOUNTS, **accounts}} if isinstance(accounts, Mapping) else given

    def token_value(self) -> str:
        """Moodle's token, read now from where it is configured. Raises ConfigError when there is none."""
        return self._secret("token", self.token, self.token_file)

    def client_secret_value(self) -> str:
        """The secret of Open edX's OAuth application, read now. Raises ConfigError when there is none."""
        return self._secret("client_secret", self.client_secret, self.client_secret_file)

    def _secret(self, key: str, value: SecretStr | None, file: Path | None) -> str:
        if value is not None and value.get_secret_value().strip():
            return value.get_secret_value().strip()
        if file is None:
            raise ConfigError(
                _("The site {url} has no {key}.").format(url=self.url, key=key),
                hint=_("Set {key}_file in the configuration, or the variable CONNECTOR_SITES__<SITE>__{KEY}.").format(
                    key=key, KEY=key.upper()
                ),
            )
        return read_secret(key, file)


class Rosters(Section):
    """How large a provincial file may be; what is larger is refused before it can fill the memory."""

    file_megabytes: float = Field(default=20, gt=0, description="Largest file.")
    unpacked_megabytes: float = Field(default=200, gt=0, description="Largest content of a packed file (.xlsx, .ods).")
    rows: int = Field(default=200_000, gt=0, description="So many filled rows a sheet may have.")


class Retention(Section):
    """After how many days old rows are deleted by `connector retention`; without a number they are kept."""

    history: int | None = Field(default=None, ge=1, description="What was otherwise before on the platform.")
    gone: int | None = Field(default=None, ge=1, description="Mirrored rows that are no longer on the platform.")
    quarantine: int | None = Field(default=365, ge=1, description="Rows that could not be understood.")
    journal: int | None = Field(default=None, ge=1, description="Settled changes that were sent to the platform.")
    acts: int | None = Field(default=None, ge=1, description="Who looked up, exported or corrected whose data.")
    old_lists: int | None = Field(default=None, ge=1, description="Rows of lists that are no longer in force.")


class Certificates(Section):
    """Who decides on certificates, and how our own papers are made."""

    approvers: tuple[str, ...] = Field(
        default=(), description="Who may approve, revoke and reissue (the names given with --by); empty: anybody."
    )
    templates_dir: Path = Field(default=Path("config/certificates"), description="Folder of the papers' templates.")
    verify_url: str = Field(
        default="",
        description="Address at which a code is verified, {code} in it; printed on our papers with a QR code.",
    )
    issuer: str = Field(default="", description="Who issues our papers and badges, by its full name.")
    issuer_url: str = Field(default="", description="Address of the issuer, as badges name it.")
    signing_file: Path | None = Field(
        default=None, description="PKCS#12 file (.p12) that signs our papers; left out: they are not signed."
    )
    signing_password: SecretStr | None = Field(
        default=None, description="Password of the signing file; better in the variable than here."
    )

    @field_validator("verify_url")
    @classmethod
    def _names_the_code(cls, url: str) -> str:
        if url and "{code}" not in url:
            raise ValueError("it must hold {code}, such as https://example.vn/verify/{code}")
        return url
