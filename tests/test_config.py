"""The configuration: what wins over what, and what is said when something is wrong."""

from pathlib import Path

import pytest
from pydantic import AnyHttpUrl

from connector.errors import ConfigError
from connector.settings import AccountMapping, Limits, Section, Settings, Site, YamlSource, known_keys, load_settings

SITES = """
sites:
  mooc:
    url: https://mooc.example.vn
    token_file: {token_file}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder where the command runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, text: str) -> Path:
    file = folder / "site.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(file: Path | None, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(file, environ)
    return str(caught.value)


# --- where values come from -------------------------------------------------------------------------------------


def test_without_any_file_the_sandbox_is_the_platform(folder: Path) -> None:
    settings = load_settings(None, {})
    assert str(settings.site("sandbox").url) == "http://127.0.0.1:8045/"
    assert settings.database == "sqlite:///var/connector.db"
    assert settings.password_key == Path("var/password.key")
    assert settings.language == "vi"


def test_the_default_file_is_read_when_it_is_there(folder: Path) -> None:
    (folder / "config").mkdir()
    (folder / "config" / "connector.yaml").write_text("language: en\n", encoding="utf-8")
    assert load_settings(None, {}).language == "en"


def test_a_file_can_be_named_by_the_variable_and_the_argument_wins_over_it(folder: Path) -> None:
    named = written(folder, "language: en\n")
    other = folder / "other.yaml"
    other.write_text("state_dir: elsewhere\n", encoding="utf-8")
    environ = {"CONNECTOR_CONFIG": str(named)}
    assert load_settings(None, environ).language == "en"
    assert load_settings(other, environ).state_dir == Path("elsewhere")
    assert load_settings(other, environ).language == "vi"


def test_the_processs_own_environment_is_the_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECTOR_LANGUAGE", "en")
    assert load_settings().language == "en"


def test_a_variable_wins_over_the_file_and_leaves_its_neighbours(folder: Path) -> None:
    file = written(folder, "language: en\n" + SITES.format(token_file="t") + "limits:\n  removal_floor: 7\n")
    environ = {
        "CONNECTOR_LANGUAGE": "vi",
        "CONNECTOR_SITES__MOOC__READ_TIMEOUT": "30",
        "CONNECTOR_LIMITS__REMOVAL_SHARE": "0.2",
        "UNRELATED": "x",
    }
    settings = load_settings(file, environ)
    assert settings.language == "vi"
    assert settings.site("mooc").read_timeout == 30.0
    assert str(settings.site("mooc").url) == "https://mooc.example.vn/"
    assert settings.limits == Limits(removal_share=0.2, removal_floor=7)


def test_an_empty_variable_sets_nothing(folder: Path) -> None:
    file = written(folder, "language: en\n")
    assert load_settings(file, {"CONNECTOR_LANGUAGE": ""}).language == "en"


def test_an_empty_file_is_all_defaults(folder: Path) -> None:
    assert load_settings(written(folder, "# nothing yet\n"), {}).limits == Limits()


def test_a_named_database_and_key_file_win_over_the_state_folder(folder: Path) -> None:
    file = written(folder, "database_url: postgresql+psycopg:///connector\npassword_key_file: /etc/connector/key\n")
    settings = load_settings(file, {})
    assert settings.database == "postgresql+psycopg:///connector"
    assert settings.password_key == Path("/etc/connector/key")


# --- what is refused ----------------------------------------------------------------------------------------------


def test_a_missing_file_is_named(folder: Path) -> None:
    text = refusal(folder / "absent.yaml")
    assert "absent.yaml" in text
    assert "No such file" in text


@pytest.mark.parametrize("content", ["a: [1\n", "a: b: c\n", "\tx: 1\n"])
def test_text_that_is_not_yaml_is_refused(folder: Path, content: str) -> None:
    assert "is not YAML" in refusal(written(folder, content))


def test_a_file_that_is_not_text_is_refused(folder: Path) -> None:
    file = folder / "site.yaml"
    file.write_bytes(b"PK\x03\x04\xff\xfe")
    assert "is not YAML" in refusal(file)


def test_a_yaml_list_is_refused(folder: Path) -> None:
    assert "list of keys with values" in refusal(written(folder, "- a\n- b\n"))


@pytest.mark.parametrize(
    ("content", "where", "near"),
    [
        ("languge: vi\n", "languge", "language"),
        ("limits: {removal_shre: 0.1}\n", "limits.removal_shre", "removal_share"),
        ("sites: {mooc: {url: 'https://a.vn', tokenfile: x}}\n", "sites.mooc.tokenfile", "token_file"),
        (
            "sites: {mooc: {url: 'https://a.vn', accounts: {usernam: x}}}\n",
            "sites.mooc.accounts.usernam",
            "username",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_its_nearest_known_one(
    folder: Path, content: str, where: str, near: str
) -> None:
    text = refusal(written(folder, content))
    assert f"unknown key '{where}'. Did you mean '{near}'?" in text
    assert "site.yaml" in text


def test_an_unknown_key_unlike_any_known_one_points_to_the_example(folder: Path) -> None:
    assert "See config/connector.example.yaml." in refusal(written(folder, "zzzzzz: 1\n"))


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    text = refusal(written(folder, "languge: vi\nlimits: {removal_share: 7}\n"))
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("language: fr\n", "language"),
        ("limits: {removal_share: 1.5}\n", "limits.removal_share"),
        ("limits: {plan_age_minutes: 0}\n", "limits.plan_age_minutes"),
        ("sites: {mooc: {token: x}}\n", "sites.mooc.url"),
        ("sites: {mooc: {url: 'ftp://a.vn'}}\n", "sites.mooc.url"),
        ("sites: {mooc: {url: 'https://a.vn', platform: ilias}}\n", "sites.mooc.platform"),
        ("sites: {mooc: {url: 'https://a.vn', form_variables: 10}}\n", "sites.mooc.form_variables"),
        ("sites: {Mooc!: {url: 'https://a.vn'}}\n", "sites.Mooc!"),
        ("sites: {}\n", "at least one site"),
    ],
)
def test_a_bad_value_is_refused_at_its_place(folder: Path, content: str, where: str) -> None:
    assert where in refusal(written(folder, content))


@pytest.mark.parametrize("host", ["127.0.0.1:8045", "localhost", "[::1]:80"])
def test_plain_http_is_allowed_to_this_machine(folder: Path, host: str) -> None:
    file = written(folder, f"sites: {{local: {{url: 'http://{host}/moodle'}}}}\n")
    assert load_settings(file, {}).site("local").url.scheme == "http"


@pytest.mark.parametrize("host", ["mooc.example.vn", "10.0.0.4", "localhost.example.vn", "127.0.0.1.nip.io"])
def test_plain_http_to_any_other_machine_is_refused(folder: Path, host: str) -> None:
    assert "unprotected" in refusal(written(folder, f"sites: {{mooc: {{url: 'http://{host}'}}}}\n"))


def test_a_variable_that_sets_no_key_is_refused_with_the_nearest_one(folder: Path) -> None:
    assert "CONNECTOR_LANGUAG sets no known key. Did you mean 'CONNECTOR_LANGUAGE'?" in refusal(
        None, CONNECTOR_LANGUAG="en"
    )
    assert "See config/connector.example.yaml." in refusal(None, CONNECTOR_ZZZZZZ="1")


def test_a_variable_that_should_be_json_is_refused_in_words(folder: Path) -> None:
    assert "cannot be read" in refusal(None, CONNECTOR_SITES="mooc")


def test_an_unknown_site_names_the_known_ones(folder: Path) -> None:
    settings = load_settings(written(folder, "sites: {b: {url: 'https://b.vn'}, a: {url: 'https://a.vn'}}\n"), {})
    with pytest.raises(ConfigError, match=r"no site 'c'.*Known sites: a, b"):
        settings.site("c")


# --- the token ----------------------------------------------------------------------------------------------------


def site(**fields: object) -> Site:
    return Site.model_validate({"url": "https://mooc.example.vn", **fields})


def secret_file(folder: Path, content: bytes) -> Path:
    file = folder / "token"
    file.touch(mode=0o600)
    file.write_bytes(content)
    return file


def test_the_token_of_a_variable_wins_over_the_file(folder: Path) -> None:
    secret_file(folder, b"from-file\n")
    file = written(folder, SITES.format(token_file=folder / "token"))
    assert load_settings(file, {}).site("mooc").token_value() == "from-file"
    environ = {"CONNECTOR_SITES__MOOC__TOKEN": " from-variable "}
    assert load_settings(file, environ).site("mooc").token_value() == "from-variable"


def test_a_token_may_stand_in_the_yaml() -> None:
    assert site(token="abc").token_value() == "abc"


@pytest.mark.parametrize("token", [None, "", "  "])
def test_a_missing_token_says_where_to_put_it(token: str | None) -> None:
    with pytest.raises(ConfigError, match=r"mooc.example.vn/ has no token.*CONNECTOR_SITES__<SITE>__TOKEN"):
        site(token=token).token_value()


def test_an_unreadable_or_empty_token_file_is_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent cannot be read: No such file"):
        site(token_file=folder / "absent").token_value()
    secret_file(folder, b" \n")
    with pytest.raises(ConfigError, match=r"token is empty"):
        site(token_file=folder / "token").token_value()


@pytest.mark.parametrize(
    "content",
    [
        b"abc\n",
        b"\xef\xbb\xbfabc\r\n",
        b"\n  abc  \n\n",
        b'"abc"\n',
        b"'abc'",
        "abc\r\n".encode("utf-16"),
        "\ufeffabc".encode("utf-16-be"),
    ],
)
def test_what_an_editor_adds_to_a_secret_is_left_out(folder: Path, content: bytes) -> None:
    assert site(token_file=secret_file(folder, content)).token_value() == "abc"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"abc\ndef\n", "more than the secret"),
        (b"abc\x00", "more than the secret"),
        (b"\xff\xff\xff", "no text"),
        (b'""', "is empty"),
    ],
)
def test_what_is_no_secret_alone_is_refused(folder: Path, content: bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        site(token_file=secret_file(folder, content)).token_value()


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o620, 0o606])
def test_a_secret_that_others_can_read_is_refused(folder: Path, mode: int) -> None:
    file = secret_file(folder, b"abc")
    file.chmod(mode)
    with pytest.raises(ConfigError, match=r"read or changed by others.*chmod 600"):
        site(token_file=file).token_value()
    file.chmod(0o640)
    assert site(token_file=file).token_value() == "abc"


def test_a_token_never_shows(folder: Path) -> None:
    file = written(folder, "sites: {mooc: {url: 'https://a.vn', token: s3cret-token}}\n")
    settings = load_settings(file, {})
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in str(settings.site("mooc"))
    assert "s3cret" not in settings.model_dump_json()


def test_the_password_of_the_database_never_shows(folder: Path) -> None:
    settings = load_settings(None, {"CONNECTOR_DATABASE_URL": "postgresql+psycopg://connector:s3cret@db/connector"})
    assert "s3cret" in settings.database
    assert "s3cret" not in repr(settings)


def test_a_refusal_never_repeats_a_value(folder: Path) -> None:
    text = refusal(written(folder, "sites: {mooc: {url: 'https://a.vn', token: {s3cret: 1}}}\n"))
    assert "sites.mooc.token" in text
    assert "s3cret" not in text


# --- its own shape ------------------------------------------------------------------------------------------------


def test_known_keys_follow_the_location() -> None:
    assert known_keys(()) == list(Settings.model_fields)
    assert known_keys(("sites", "any")) == list(Site.model_fields)
    assert known_keys(("sites", "any", "accounts")) == list(AccountMapping.model_fields)
    assert known_keys(("limits",)) == list(Limits.model_fields)


@pytest.mark.parametrize("model", [Settings, *Section.__subclasses__()], ids=lambda model: str(model.__name__))
def test_every_key_is_described(model: type[Settings]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_the_file_answers_for_single_fields_too() -> None:
    """pydantic-settings asks so for what `__call__` leaves out."""
    source = YamlSource(Settings, {"language": "en"})
    assert source.get_field_value(None, "language") == ("en", "language", False)
    assert source.get_field_value(None, "limits") == (None, "limits", False)


def test_settings_cannot_be_changed_after_loading(folder: Path) -> None:
    limits = load_settings(None, {}).limits
    with pytest.raises(ValueError, match="frozen"):
        limits.removal_floor = 99  # type: ignore[misc]  # the point of the test


def test_an_address_is_kept_with_its_path() -> None:
    assert site(url="https://a.vn/moodle").url == AnyHttpUrl("https://a.vn/moodle")


# --- passwords --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("{length: 8, digits: 4, signs: 2}", "twice the sum"),
        ("{length: 41}", "passwords.length"),
        ("{small_letters: 0}", "passwords.small_letters"),
        ('{sign_set: "@ã"}', "ASCII"),
        ('{sign_set: "@ #"}', "ASCII"),
        ('{sign_set: "a@"}', "ASCII"),
    ],
)
def test_a_password_policy_that_cannot_be_is_refused(folder: Path, value: str, why: str) -> None:
    assert why in refusal(written(folder, f"passwords: {value}"))


def test_a_password_policy_may_do_without_signs(folder: Path) -> None:
    settings = load_settings(written(folder, "passwords: {length: 10, signs: 0, keep_days: 30}"), {})
    assert (settings.passwords.signs, settings.passwords.keep_days_after_handout) == (0, 30)


def test_a_key_that_stands_twice_is_told_with_its_line(folder: Path) -> None:
    text = "language: en\nlimits:\n  losses: 0\n  losses: 500\n"
    assert "the key 'losses' stands twice" in refusal(written(folder, text))
    assert "line 4" in refusal(written(folder, text))
