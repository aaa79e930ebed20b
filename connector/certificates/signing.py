"""The issuer's key in a PKCS#12 file, and the signature (PAdES) that pyHanko puts into a PDF with it.

pyHanko is the extra `sign`: pip install connector[sign]. Nothing is read or written here.
"""

import io
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates, load_pkcs12

from connector.errors import ConfigError
from connector.language import _


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An opened PKCS#12 file."""

    content: bytes
    password: bytes | None
    opened: PKCS12KeyAndCertificates

    @property
    def rsa(self) -> RSAPrivateKey:
        """The private key. Raises ConfigError when it is of another kind, which badges cannot be signed with here."""
        key = self.opened.key
        if not isinstance(key, RSAPrivateKey):
            raise ConfigError(_("Badges are signed with an RSA key, and the signing file holds another kind."))
        return key


def open_key(content: bytes, password: str | None) -> SigningKey:
    """The key in this file. Raises ConfigError: it is no PKCS#12 file, the password is wrong, or it holds no key."""
    secret = password.encode() if password else None
    try:
        opened = load_pkcs12(content, secret)
    except ValueError:
        raise ConfigError(
            _("The signing file cannot be opened: it is no PKCS#12 file, or the password is wrong."),
            hint=_("See certificates.signing_file and signing_password in the configuration."),
        ) from None
    if opened.key is None or opened.cert is None:
        raise ConfigError(_("The signing file holds no private key with its certificate."))
    return SigningKey(content, secret, opened)


def signed_pdf(pdf: bytes, key: SigningKey, reason: str) -> bytes:
    """The PDF with a PAdES-B signature by this key. Raises ConfigError where pyHanko is not installed."""
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import PdfSignatureMetadata, signers
        from pyhanko.sign.fields import SigSeedSubFilter
    except ModuleNotFoundError:
        raise ConfigError(
            _("Papers cannot be signed: pyHanko is not installed."), hint=_("Run: pip install 'connector[sign]'")
        ) from None
    signer = signers.SimpleSigner.load_pkcs12_data(key.content, other_certs=[], passphrase=key.password)
    metadata = PdfSignatureMetadata(field_name="Signature1", reason=reason, subfilter=SigSeedSubFilter.PADES)
    out = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer=signer)
    return bytes(out.getbuffer())
