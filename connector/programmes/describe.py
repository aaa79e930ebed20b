"""Reasons in words, for `connector explain` and for the column 'missing' of the learner list."""

from collections.abc import Mapping
from datetime import tzinfo

from connector.language import _
from connector.model import Reason, Verdict
from connector.programmes.engine import BELOW_GRADE, NO_GRADE, NO_TIME, NOT_VALID, OUTSIDE_WINDOW


def describe(reason: Reason, titles: Mapping[str, str] | None = None, zone: tzinfo | None = None) -> str:
    """One line on how this part of the rule stands; `titles` gives people's words for part names.

    Such as 'Mandatory topics: 3 of 5, not met. Still open: cd02, cd04. Not counted: cd05 (done outside the window).'
    With a `zone` it also tells since when a part is met.
    """
    name = (titles or {}).get(reason.rule, reason.rule)
    sentences = [
        _("{name}: {have} of {need}, {state}.").format(
            name=name, have=f"{reason.have:g}", need=f"{reason.need:g}", state=_state(reason, zone)
        )
    ]
    if reason.missing:
        sentences.append(_("Still open: {topics}.").format(topics=", ".join(reason.missing)))
    if reason.not_counted:
        topics = ", ".join(f"{topic} ({cause(code)})" for topic, code in reason.not_counted)
        sentences.append(_("Not counted: {topics}.").format(topics=topics))
    if reason.exempted:
        topics = ", ".join(
            _("{what} by decision {decision}").format(
                what=_("the whole part") if what == reason.rule else what, decision=decision
            )
            for what, decision in reason.exempted
        )
        sentences.append(_("Exempt: {topics}.").format(topics=topics))
    return " ".join(sentences)


def _state(reason: Reason, zone: tzinfo | None) -> str:
    if not reason.met:
        return _("not met")
    if zone is None or reason.since is None:
        return _("met")
    return _("met since {when}").format(when=f"{reason.since.astimezone(zone):%H:%M %d/%m/%Y}")


def cause(code: str) -> str:
    """Why something that was done does not count, in words; an unknown code is shown as it is."""
    known = {
        OUTSIDE_WINDOW: _("done outside the window"),
        NOT_VALID: _("the topic was not valid then"),
        BELOW_GRADE: _("grade too low"),
        NO_GRADE: _("no grade"),
        NO_TIME: _("the platform gives no time"),
    }
    return known.get(code, code)


def describe_missing(verdict: Verdict, titles: Mapping[str, str] | None = None) -> str:
    """What a learner still has to do, in one short text; empty when he has passed.

    A part of which every open topic is needed names them; a part with a choice says how many are wanting.
    """
    if verdict.passed:
        return ""
    return "; ".join(_wanting(reason, titles or {}) for reason in verdict.reasons if not reason.met)


def _wanting(reason: Reason, titles: Mapping[str, str]) -> str:
    name = titles.get(reason.rule, reason.rule)
    short = reason.need - reason.have
    if reason.missing and len(reason.missing) == short:
        return _("{name}: {topics}").format(name=name, topics=", ".join(reason.missing))
    return _("{name}: {count} more").format(name=name, count=f"{short:g}")
