"""The certificate as an Open Badge 3.0, which is a W3C verifiable credential: plain, or signed as a JWT.

Source: 1EdTech Open Badges 3.0, sections B.1 (AchievementCredential) and 8.2 (JSON Web Token proof format, RS256).
The phone number stands in none; who holds it is said by his name alone. A plain one proves nothing by itself: only
its verification address does.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from connector.certificates.entry import RegisterEntry

CONTEXT = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)


def open_badge(entry: RegisterEntry, *, issuer: str, issuer_url: str, verify_url: str) -> dict[str, Any]:
    """The credential of an issued entry, without a proof."""
    facts = entry.facts
    address = verify_url.replace("{code}", entry.serial) or f"urn:certificate:{entry.serial}"
    issued_at = (entry.issued_at or entry.decided_at).isoformat()
    return {
        "@context": list(CONTEXT),
        "id": address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": facts.title,
        "issuer": {"id": issuer_url, "type": ["Profile"], "name": issuer},
        "validFrom": issued_at,
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "identityHash": facts.full_name,
                    "identityType": "name",
                    "hashed": False,
                }
            ],
            "achievement": {
                "id": f"urn:programme:{entry.programme}",
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": facts.programme_name,
                "description": facts.title,
                "criteria": {"narrative": facts.decision or facts.programme_name},
            },
            "licenseNumber": entry.register_no,
            "activityStartDate": facts.starts_at and facts.starts_at.isoformat(),
            "activityEndDate": facts.ends_at and facts.ends_at.isoformat(),
        },
    }


def as_jwt(credential: Mapping[str, Any], key: RSAPrivateKey) -> str:
    """The credential as a compact JWT, signed with RS256; the public key stands in its head."""
    public = key.public_key().public_numbers()
    head = {"alg": "RS256", "typ": "JWT", "jwk": {"kty": "RSA", "n": _number(public.n), "e": _number(public.e)}}
    claims = {
        **credential,
        "iss": credential["issuer"]["id"],
        "jti": credential["id"],
        "sub": credential["id"],
    }
    signed = f"{_json(head)}.{_json(claims)}"
    return f"{signed}.{_base64(key.sign(signed.encode(), PKCS1v15(), hashes.SHA256()))}"


def _json(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
