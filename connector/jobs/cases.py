"""Use case: what a person has to decide about certificates, and his decision."""

from collections.abc import Iterator
from dataclasses import dataclass

from connector.context import Context
from connector.errors import ConfigError
from connector.language import _
from connector.model import Case, Registration, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCase:
    """A case with the person as the lists name him now (None: on no list) and his verdict now."""

    case: Case
    registration: Registration | None
    verdict: Verdict | None


def cases(ctx: Context, programme_key: str | None = None, *, settled: bool = False) -> list[KnownCase]:
    """The open cases of the programme, oldest first; with `settled` those that were decided too. Reads only."""
    return list(_known(ctx, ctx.programme(programme_key).key, settled=settled))


def _known(ctx: Context, programme: str, *, settled: bool) -> Iterator[KnownCase]:
    with ctx.store.begin() as tx:
        found = [case for case in tx.cases.of_programme(programme) if settled or case.settled_at is None]
        phones = sorted({case.phone for case in found})
        people = tx.registrations.of_phones(programme, phones)
        verdicts = tx.verdicts.of_phones(programme, phones)
    for case in found:
        yield KnownCase(case=case, registration=people.get(case.phone), verdict=verdicts.get(case.phone))


def settle_case(ctx: Context, number: int, *, by: str, reason: str) -> Case:
    """Write who settled the case and why; the certificate itself is left as it is. The case as it is then.

    Raises ConfigError when there is no such case, or it was settled before.
    """
    with ctx.store.begin() as tx:
        case = tx.cases.find(number)
        if case is None:
            raise ConfigError(
                _("There is no case {number}.").format(number=number),
                hint=_("'connector cases list' shows the open ones."),
            )
        if case.settled_at is not None:
            raise ConfigError(
                _("Case {number} was settled before, by {by}: {reason}").format(
                    number=number, by=case.settled_by, reason=case.reason
                )
            )
        tx.cases.settle(number, by, reason, ctx.now())
        settled = tx.cases.find(number)
    return settled or case
