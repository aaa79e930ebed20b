"""When a certified person no longer meets the rule: which cases are opened for a person to decide. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from connector.model import Case, Verdict

WITHDRAWN = "withdrawn"
RULE_CHANGED = "rule_changed"


def to_open(failing: Collection[str], lapsed: Collection[str], known: Iterable[Case]) -> list[str]:
    """The phones for whom a case is to be opened, sorted.

    `failing` are certified and do not meet the rule now, `lapsed` met it until now. One incident is one case: nobody
    who has an open one gets another, and who has had one only if he met the rule again since, and lapsed anew.
    """
    known = [case for case in known if case.kind in (WITHDRAWN, RULE_CHANGED)]
    had = {case.phone for case in known}
    waiting = {case.phone for case in known if case.settled_at is None}
    return sorted(phone for phone in set(failing) - waiting if phone in lapsed or phone not in had)


def incident(verdict: Verdict, before: Verdict | None) -> tuple[str, Mapping[str, Any]]:
    """The kind of a case and what is known of it; `before` is the verdict by which the person met the rule, if known.

    Where the facts are the same, the rule must have changed; otherwise something that counted no longer does.
    """
    same = before is not None and before.facts_hash == verdict.facts_hash
    return RULE_CHANGED if same else WITHDRAWN, {
        "lost": [topic for topic in before.done if topic not in verdict.done] if before else [],
        "unmet": [reason.rule for reason in verdict.reasons if not reason.met],
        "rule": [before.rule_version if before else "", verdict.rule_version],
        "facts": [before.facts_hash if before else "", verdict.facts_hash],
    }
