"""Commands on single certificates and on the register: revoke, reissue, register, paper, verify."""

import json
from pathlib import Path

import click

from connector.certificates.due import Selection
from connector.certificates.entry import RegisterEntry
from connector.certificates.verification import Validity, Verified, as_json
from connector.cli.certificate_options import BY, whom
from connector.cli.options import PROGRAMME
from connector.cli.progress import progress_bar
from connector.cli.session import Exit, Session, pass_session
from connector.jobs.certificate_acts import reissue_certificate, revoke_certificate
from connector.jobs.certificate_book import verify_certificate, write_register
from connector.jobs.certificate_papers import Form, write_papers
from connector.language import _
from connector.mappers.roster import phone_of_text
from connector.model import mask_phone

WHY = click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the register for ever.")


@click.command()
@click.argument("phone")
@PROGRAMME
@BY
@WHY
@pass_session
def revoke(session: Session, phone: str, programme: str | None, by: str, reason: str) -> None:
    """Take back the certificate of PHONE: void here at once, on the platform with the next push. Nothing is deleted."""
    entry = revoke_certificate(session.context, programme, phone_of_text(phone), by=by, reason=reason)
    _tell(entry, _("revoked"))


@click.command()
@click.argument("phone")
@PROGRAMME
@BY
@WHY
@pass_session
def reissue(session: Session, phone: str, programme: str | None, by: str, reason: str) -> None:
    """Have a new paper made for PHONE with the name of now: the register number stays, the code changes."""
    entry = reissue_certificate(session.context, programme, phone_of_text(phone), by=by, reason=reason)
    _tell(entry, _("to be reissued"))


def _tell(entry: RegisterEntry, what: str) -> None:
    click.echo(f"{mask_phone(entry.phone)} {entry.register_no or '-'}: {what}")
    click.echo(_("The platform follows with the next 'connector certificates push'."))


@click.command()
@PROGRAMME
@click.option("--format", "formats", default="xlsx", show_default=True, help="xlsx, csv, html, json; commas between.")
@click.option("--out", "folder", type=click.Path(file_okay=False, path_type=Path), help="Folder of the files.")
@pass_session
def register(session: Session, programme: str | None, formats: str, folder: Path | None) -> None:
    """Write the register (sổ cấp) of the programme's book, with every number ever given."""
    for path in write_register(session.context, programme, formats=formats.split(","), folder=folder):
        click.echo(str(path))


@click.command()
@PROGRAMME
@whom
@click.option(
    "--as",
    "form",
    type=click.Choice([form.value for form in Form]),
    default=Form.PDF.value,
    show_default=True,
    help="pdf: our own paper (grant: own_paper); openbadge: Open Badge 3.0, unsigned where there is no signing file.",
)
@click.option(
    "--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of the files."
)
@pass_session
def paper(session: Session, programme: str | None, form: str, folder: Path, chosen: Selection) -> None:
    """Write a file for each valid certificate (all, or of those chosen), named by number and code."""
    with progress_bar(_("Papers")) as bar:
        files = write_papers(session.context, programme, chosen, folder, form=Form(form), progress=bar.step)
    click.echo(_("{count} papers in {folder}").format(count=len(files), folder=folder))


@click.command()
@click.argument("code")
@click.option("--json", "as_json_", is_flag=True, help="Print what a verification page serves, as JSON.")
@pass_session
def verify(session: Session, code: str, *, as_json_: bool) -> None:
    """Tell whether the certificate with this CODE or register number is valid, and what was earned. No phone number."""
    found = verify_certificate(session.context, code)
    if as_json_:
        click.echo(json.dumps([as_json(one) for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            _print_verified(one)
    valid = any(one.validity is Validity.VALID for one in found)
    raise click.exceptions.Exit(Exit.DONE if valid else Exit.FAILED)


def _print_verified(one: Verified) -> None:
    words = {
        Validity.VALID: _("VALID"),
        Validity.REVOKED: _("REVOKED"),
        Validity.REPLACED: _("REPLACED by a newer paper with another code"),
        Validity.NOT_ISSUED: _("NOT ISSUED"),
        Validity.NOT_ON_PLATFORM: _("NOT CONFIRMED: registered, but the platform does not show it any more"),
    }
    facts = one.entry.facts
    click.echo(words[one.validity] + (f" ({one.since:%d/%m/%Y})" if one.since else ""))
    for line in (facts.title, facts.full_name, facts.workplace, facts.programme_name, one.entry.register_no):
        if line:
            click.echo(f"  {line}")
