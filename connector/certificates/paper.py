"""Our own paper: what is printed of an entry, its QR code, and the PDF that typst makes of a template.

Fonts are those that typst brings along, embedded as subsets; the machine's own are not looked at, so that a paper looks
the same wherever it is made. Nothing is read or written here.
"""

import io
import json
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import cast

import segno
import typst

from connector.certificates.entry import RegisterEntry
from connector.errors import ConfigError
from connector.language import _

# Official dates write a 0 before days below 10 and before January and February only (Nghị định 30/2020/NĐ-CP).
_LAST_MONTH_WITH_ZERO = 2


def printed(entry: RegisterEntry, *, issuer: str, verify_url: str, zone: tzinfo) -> dict[str, str]:
    """What the template prints of an issued entry: texts alone, '' where there is nothing to say; dates of `zone`.

    `verify_url` holds {code}; '' means that the paper names no address and has no QR code.
    """
    facts = entry.facts
    issued = (entry.issued_at or entry.decided_at).astimezone(zone)
    address = verify_url.replace("{code}", entry.serial)
    last_moment = facts.ends_at - timedelta(seconds=1) if facts.ends_at else None
    return {
        "title": facts.title,
        "full_name": facts.full_name,
        "workplace": facts.workplace,
        "programme_name": facts.programme_name,
        "starts_on": _day(facts.starts_at, zone),
        "ends_on": _day(last_moment, zone),
        "hours": _number(facts.hours),
        "grade": _number(facts.grade),
        "issuer": issuer,
        "signer": facts.signer,
        "decision": facts.decision,
        "register_no": entry.register_no,
        "serial": entry.serial,
        "edition": str(entry.edition),
        "day": f"{issued.day:02d}",
        "month": f"{issued.month:02d}" if issued.month <= _LAST_MONTH_WITH_ZERO else str(issued.month),
        "year": str(issued.year),
        "verify_url": address,
        "qr": qr_svg(address) if address else "",
    }


def _day(moment: datetime | None, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%d/%m/%Y}" if moment else ""


def _number(value: float | None) -> str:
    """As people in Viet Nam write it: a comma before decimals, none where there are none."""
    return "" if value is None else f"{value:.1f}".removesuffix(".0").replace(".", ",")


def qr_svg(text: str) -> str:
    """The text as a QR code that survives 15 % of dirt, in SVG."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=1, xmldecl=False)
    return out.getvalue().decode()


class Press:
    """Makes papers of one template; made once for many papers, since fonts are then loaded once."""

    def __init__(self, template: bytes) -> None:
        self._template = template
        self._compiler = typst.Compiler(ignore_system_fonts=True)

    def pdf(self, texts: Mapping[str, str]) -> bytes:
        """The paper with these texts. Raises ConfigError when the template is no good, in typst's own words."""
        try:
            made = self._compiler.compile(self._template, format="pdf", sys_inputs={"data": json.dumps(dict(texts))})
        except typst.TypstError as error:
            raise ConfigError(
                _("The template of the certificate cannot be used: {why}").format(why=error),
                hint=_("config/certificates/certificate.typ is one that works."),
            ) from None
        return cast("bytes", made)  # a PDF is one file, whatever its pages
