"""Commands on cases: what only a person may decide about certificates."""

import json
from collections.abc import Sequence
from typing import Any

import click

from connector.certificates.astray import EARLY, GONE, NOT_GRANTED, REMADE
from connector.cli.options import PROGRAMME
from connector.cli.screen import plain_table, screen
from connector.cli.session import Session, pass_session
from connector.jobs.astray import take_over
from connector.jobs.cases import KnownCase, settle_case
from connector.jobs.cases import cases as cases_job
from connector.language import _
from connector.model import Case, mask_phone
from connector.programmes.cases import RULE_CHANGED, WITHDRAWN


@click.group()
def cases() -> None:
    """What a person has to decide: certified people who no longer meet the rule, papers gone or never granted."""


@cases.command(name="list")
@PROGRAMME
@click.option("--all", "settled", is_flag=True, help="Also those that have been settled.")
@click.option("--json", "as_json", is_flag=True, help="Print values, with full phone numbers.")
@pass_session
def list_(session: Session, programme: str | None, *, settled: bool, as_json: bool) -> None:
    """List the open cases. Nothing is written."""
    found = cases_job(session.context, programme, settled=settled)
    if as_json:
        click.echo(json.dumps([_values(one) for one in found], ensure_ascii=False, indent=1))
        return
    print_cases(found)


def print_cases(found: Sequence[KnownCase]) -> None:
    """A line for each case; the phone number is masked."""
    table = plain_table(_("Case"), _("Name"), _("Phone"), _("What happened"), _("Topics lost"), _("Now"), _("Settled"))
    for one in found:
        case = one.case
        meets = bool(one.verdict and one.verdict.passed)
        table.add_row(
            str(case.number),
            one.registration.learner.full_name if one.registration else _("on no list any more"),
            mask_phone(case.phone),
            _what_happened(case),
            ", ".join(case.facts.get("lost", ())) or "-",
            _("meets the rule again") if meets else _("does not meet the rule"),
            f"{case.settled_by}: {case.reason}" if case.settled_at else "-",
        )
    console = screen()
    if found:
        console.print(table)
    console.print(_("{count} open cases").format(count=sum(one.case.settled_at is None for one in found)))


def _what_happened(case: Case) -> str:
    words = kind_words().get(case.kind, case.kind)
    codes = [case.facts[name] for name in ("code", "new_code") if name in case.facts]
    return f"{words} ({' → '.join(codes)})" if codes else words


@cases.command(name="take-over")
@click.argument("number", type=int)
@click.option("--by", required=True, metavar="NAME", help="Who has decided.")
@click.option("--reason", required=True, metavar="TEXT", help="Why the platform's paper is the person's certificate.")
@pass_session
def take_over_(session: Session, number: int, by: str, reason: str) -> None:
    """Take the platform's paper of case NUMBER into the register: one made anew, not granted, or too early."""
    case = take_over(session.context, number, by=by, reason=reason)
    code = case.facts.get("new_code") or case.facts["code"]
    click.echo(
        _("Case {number} is settled by {by}: the paper with the code {code} is taken over.").format(
            number=case.number, by=by, code=code
        )
    )


@cases.command()
@click.argument("number", type=int)
@click.option("--by", required=True, metavar="NAME", help="Who has decided.")
@click.option("--reason", required=True, metavar="TEXT", help="What was decided, and why.")
@pass_session
def settle(session: Session, number: int, by: str, reason: str) -> None:
    """Note how the case NUMBER was settled. The certificate stays as it is; revoking it is a command of its own."""
    case = settle_case(session.context, number, by=by, reason=reason)
    click.echo(_("Case {number} is settled by {by}: {reason}").format(number=case.number, by=by, reason=reason))


def kind_words() -> dict[str, str]:
    """What people read for each kind of case."""
    return {
        WITHDRAWN: _("what counted was withdrawn"),
        RULE_CHANGED: _("the rule was changed"),
        GONE: _("the certificate is not on the platform any more"),
        REMADE: _("the certificate is gone from the platform and was made anew"),
        NOT_GRANTED: _("the platform issued a certificate that was not granted"),
        EARLY: _("the platform issued the certificate before the completion"),
    }


def _values(one: KnownCase) -> dict[str, Any]:
    case = one.case
    return {
        "case": case.number,
        "programme": case.programme,
        "phone": case.phone,
        "kind": case.kind,
        "opened_at": case.opened_at.isoformat(),
        "facts": dict(case.facts),
        "meets_the_rule_now": bool(one.verdict and one.verdict.passed),
        "settled_at": case.settled_at.isoformat() if case.settled_at else None,
        "settled_by": case.settled_by,
        "reason": case.reason,
    }
