"""Signing files that are no good, and a service without pyHanko; good ones: tests/jobs/test_certificate_files.py."""

import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from connector.certificates.signing import open_key, signed_pdf
from connector.errors import ConfigError


def pkcs12_file(*, with_key: bool) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test signer")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    if with_key:
        return pkcs12.serialize_key_and_certificates(b"test", key, certificate, None, NoEncryption())
    return pkcs12.serialize_key_and_certificates(b"test", None, None, [certificate], NoEncryption())


def test_a_file_without_a_key_or_that_is_none_is_told() -> None:
    with pytest.raises(ConfigError, match="no private key"):
        open_key(pkcs12_file(with_key=False), None)
    with pytest.raises(ConfigError, match="cannot be opened"):
        open_key(b"no key at all", "password")


def test_without_pyhanko_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyhanko.sign", None)
    with pytest.raises(ConfigError, match="connector\\[sign\\]"):
        signed_pdf(b"", open_key(pkcs12_file(with_key=True), None), "reason")
