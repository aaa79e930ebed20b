"""Use case: papers of our own as PDF files, and certificates as open badges. Reads the register, writes files."""

import json
import os
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from connector.certificates.badge import as_jwt, open_badge
from connector.certificates.due import Selection
from connector.certificates.entry import RegisterEntry
from connector.certificates.paper import Press, printed
from connector.certificates.signing import SigningKey, open_key, signed_pdf
from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.acts import record_act
from connector.language import _
from connector.programmes.certificate import Grant
from connector.programmes.definition import Programme
from connector.settings import Certificates
from connector.store.acts import DataAct


class Form(StrEnum):
    """What is written: a PDF to be printed, or an Open Badge 3.0 (JSON, signed as a JWT where there is a key)."""

    PDF = "pdf"
    OPEN_BADGE = "openbadge"


def write_papers(
    ctx: Context,
    programme_key: str | None,
    chosen: Selection,
    folder: Path,
    *,
    form: Form = Form.PDF,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Path]:
    """Write a file for each valid certificate of this selection into the folder, in the order of their numbers.

    Files are named by number and code, never by a person, and readable by their owner only. Raises ConfigError: PDF of
    certificates that the platform prints, no template, no folder that can be written, a key that cannot be used.
    """
    programme = ctx.programme(programme_key)
    make = _maker(ctx, programme, form)
    with ctx.store.begin() as tx:
        entries = tx.register.of_programme(programme.key).values()
    valid = sorted((e for e in entries if e.is_valid and chosen.holds(e)), key=lambda entry: entry.seq or 0)
    record_act(ctx, DataAct.EXPORTED, what=_("{count} certificates to {path}").format(count=len(valid), path=folder))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return list(_written(valid, folder, make, progress))
    except OSError as error:
        raise ConfigError(
            _("The papers cannot be written to {folder}: {why}.").format(folder=folder, why=error.strerror or error)
        ) from None


def _written(
    entries: list[RegisterEntry],
    folder: Path,
    make: Callable[[RegisterEntry], tuple[str, bytes]],
    progress: Callable[[int, int], None],
) -> Iterator[Path]:
    for done, entry in enumerate(entries, start=1):
        suffix, content = make(entry)
        path = folder / f"{entry.seq:06d}-{entry.serial}{suffix}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        yield path
        progress(done, len(entries))


def _maker(ctx: Context, programme: Programme, form: Form) -> Callable[[RegisterEntry], tuple[str, bytes]]:
    """What makes the suffix and the content of an entry's file."""
    settings = ctx.settings.certificates
    key = _key(settings)
    return _badge_maker(settings, key) if form is Form.OPEN_BADGE else _paper_maker(programme, settings, key)


def _paper_maker(
    programme: Programme, settings: Certificates, key: SigningKey | None
) -> Callable[[RegisterEntry], tuple[str, bytes]]:
    if programme.certificate.grant is not Grant.OWN_PAPER:
        raise ConfigError(
            _("The platform prints the certificates of the programme '{key}' itself.").format(key=programme.key),
            hint=_("Papers of our own are for programmes with certificate.grant: own_paper."),
        )
    press = Press(_read(settings.templates_dir / f"{programme.certificate.template}.typ"))

    def paper(entry: RegisterEntry) -> tuple[str, bytes]:
        texts = printed(entry, issuer=settings.issuer, verify_url=settings.verify_url, zone=programme.zone)
        pdf = press.pdf(texts)
        return ".pdf", pdf if key is None else signed_pdf(pdf, key, entry.facts.title)

    return paper


def _badge_maker(settings: Certificates, key: SigningKey | None) -> Callable[[RegisterEntry], tuple[str, bytes]]:
    def badge(entry: RegisterEntry) -> tuple[str, bytes]:
        credential = open_badge(
            entry, issuer=settings.issuer, issuer_url=settings.issuer_url, verify_url=settings.verify_url
        )
        if key is None:
            return "-unsigned.json", json.dumps(credential, ensure_ascii=False, indent=1).encode()
        return ".jwt", as_jwt(credential, key.rsa).encode()

    return badge


def _key(settings: Certificates) -> SigningKey | None:
    if settings.signing_file is None:
        return None
    password = settings.signing_password.get_secret_value() if settings.signing_password else None
    return open_key(_read(settings.signing_file), password)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(_("The file {path} cannot be read: {why}.").format(path=path, why=error.strerror)) from None
