"""The register as a file, papers and badges."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import pkcs12
from openpyxl import load_workbook
from pydantic import SecretStr

from connector.certificates.due import EVERYBODY, Selection
from connector.errors import ConfigError
from connector.jobs.certificate_acts import deliver_certificates, reissue_certificate, revoke_certificate
from connector.jobs.certificate_book import write_register
from connector.jobs.certificate_papers import Form, write_papers
from connector.jobs.certify import push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import mirror
from connector.settings import Certificates
from tests.jobs.certifying import OWN_PAPER, set_policy
from tests.jobs.world import PROGRAMME, World, learner

AN, BINH = learner(1, name="Nguyễn Văn An"), learner(2, name="Trần Thị Bình")
SETTINGS = Certificates(
    issuer="Học viện", issuer_url="https://example.vn", verify_url="https://example.vn/verify/{code}"
)
PASSWORD = "only for this test"


@pytest.fixture(autouse=True)
def _issued(world: World, tmp_path: Path) -> None:
    set_policy(world, tmp_path, SETTINGS, **OWN_PAPER)
    world.register(AN, BINH)
    world.provision()
    world.complete(AN, topics=10)
    world.complete(BINH, topics=12)
    mirror(world.ctx, PROGRAMME)
    evaluate(world.ctx, PROGRAMME)
    push_certificates(world.ctx, PROGRAMME)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signing_file(path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Path:
    """A PKCS#12 file with a self-signed certificate of a test."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test signer")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    protection = serialization.BestAvailableEncryption(PASSWORD.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"test", key, certificate, None, protection))
    return path


def sign_with(world: World, tmp_path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    file = signing_file(tmp_path / "key.p12", key)
    update = {"signing_file": file, "signing_password": SecretStr(PASSWORD)}
    set_policy(world, tmp_path, SETTINGS.model_copy(update=update), **OWN_PAPER)


def test_the_register_has_every_number_with_what_became_of_it(world: World, tmp_path: Path) -> None:
    revoke_certificate(world.ctx, None, AN.phone, by="Duyệt", reason="cấp nhầm")
    deliver_certificates(world.ctx, None, Selection(phones=[BINH.phone]), by="Duyệt", reason="trao tại xã")
    reissue_certificate(world.ctx, None, BINH.phone, by="Duyệt", reason="sai tên")
    files = write_register(world.ctx, formats=["xlsx", "csv", "json"], folder=tmp_path / "out")
    assert sorted(file.suffix for file in files) == [".csv", ".json", ".xlsx"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    told = json.loads(next(file for file in files if file.suffix == ".json").read_text())
    assert [(row["seq"], row["register_no"], row["full_name"]) for row in told["entries"]] == [
        (1, "00001/2025/GCN-BKHCN", "Nguyễn Văn An"),
        (2, "00002/2025/GCN-BKHCN", "Trần Thị Bình"),
    ]
    assert [row["ends_on"][:10] for row in told["entries"]] == ["2025-12-15"] * 2
    assert "cấp nhầm" in told["entries"][0]["remarks"]
    assert "not issued yet" in told["entries"][1]["remarks"]
    assert "trao tại xã" not in told["entries"][1]["remarks"]
    assert AN.phone[3:] not in json.dumps(told)
    sheet = load_workbook(next(file for file in files if file.suffix == ".xlsx")).active
    assert sheet is not None
    assert "00002/2025/GCN-BKHCN" in {cell.value for row in sheet.iter_rows() for cell in row}


def test_the_register_goes_into_the_state_folder_and_may_be_empty(world: World, tmp_path: Path) -> None:
    set_policy(world, tmp_path, SETTINGS, **(OWN_PAPER | {"book": "shared"}))
    (file,) = write_register(world.ctx, formats=["json"])
    assert file.parent == world.ctx.settings.state_dir / "registers"
    assert json.loads(file.read_text())["entries"] == []
    with pytest.raises(ConfigError, match="no report format"):
        write_register(world.ctx, formats=["docx"])
    with pytest.raises(ConfigError, match="no report format"):
        write_register(world.ctx, formats=[])


def test_each_valid_certificate_is_a_paper_named_by_number_and_code(world: World, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    files = write_papers(
        world.ctx, None, EVERYBODY, tmp_path / "papers", progress=lambda done, all_: seen.append((done, all_))
    )
    assert [file.name[:7] for file in files] == ["000001-", "000002-"]
    assert all(file.read_bytes().startswith(b"%PDF") for file in files)
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert seen == [(1, 2), (2, 2)]
    revoke_certificate(world.ctx, None, AN.phone, by="Duyệt", reason="cấp nhầm")
    assert len(write_papers(world.ctx, None, EVERYBODY, tmp_path / "valid")) == 1
    assert write_papers(world.ctx, None, Selection(phones=[AN.phone]), tmp_path / "none") == []


def test_a_paper_is_signed_where_there_is_a_key(world: World, tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    sign_with(world, tmp_path, rsa_key)
    (file,) = write_papers(world.ctx, None, Selection(phones=[AN.phone]), tmp_path / "papers")
    content = file.read_bytes()
    assert b"/ETSI.CAdES.detached" in content
    assert b"/ByteRange" in content


def test_a_badge_without_a_key_says_that_it_is_unsigned(world: World, tmp_path: Path) -> None:
    (file,) = write_papers(world.ctx, None, Selection(phones=[AN.phone]), tmp_path, form=Form.OPEN_BADGE)
    assert file.name.endswith("-unsigned.json")
    told = json.loads(file.read_text())
    assert told["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert told["credentialSubject"]["identifier"][0]["identityHash"] == "Nguyễn Văn An"
    assert told["id"].startswith("https://example.vn/verify/")
    assert "proof" not in told
    assert AN.phone[3:] not in file.read_text()


def test_a_badge_is_a_jwt_that_its_own_key_verifies(world: World, tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    sign_with(world, tmp_path, rsa_key)
    (file,) = write_papers(world.ctx, None, Selection(phones=[AN.phone]), tmp_path, form=Form.OPEN_BADGE)
    head, claims, signature = file.read_text().split(".")
    rsa_key.public_key().verify(_bytes(signature), f"{head}.{claims}".encode(), PKCS1v15(), hashes.SHA256())
    assert json.loads(_bytes(head))["alg"] == "RS256"
    public = json.loads(_bytes(head))["jwk"]
    assert int.from_bytes(_bytes(public["n"]), "big") == rsa_key.public_key().public_numbers().n
    assert json.loads(_bytes(claims))["iss"] == "https://example.vn"


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_keys_that_cannot_be_used_are_told(world: World, tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    sign_with(world, tmp_path, ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(ConfigError, match="RSA"):
        write_papers(world.ctx, None, EVERYBODY, tmp_path, form=Form.OPEN_BADGE)
    wrong = SETTINGS.model_copy(update={"signing_file": signing_file(tmp_path / "key.p12", rsa_key)})
    set_policy(world, tmp_path, wrong, **OWN_PAPER)
    with pytest.raises(ConfigError, match="password is wrong"):
        write_papers(world.ctx, None, EVERYBODY, tmp_path)
    set_policy(world, tmp_path, wrong.model_copy(update={"signing_file": tmp_path / "none.p12"}), **OWN_PAPER)
    with pytest.raises(ConfigError, match="cannot be read"):
        write_papers(world.ctx, None, EVERYBODY, tmp_path)


def test_the_platform_prints_its_own_papers(world: World, tmp_path: Path) -> None:
    set_policy(world, tmp_path, SETTINGS)
    with pytest.raises(ConfigError, match="prints the certificates"):
        write_papers(world.ctx, None, EVERYBODY, tmp_path)


def test_a_folder_that_cannot_be_written_is_told(world: World) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_papers(world.ctx, None, EVERYBODY, Path("/proc/none"))
