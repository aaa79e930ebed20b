"""Is the certificate closed to everybody but those whom we let through, and does it issue by itself? Reads only.

The restriction is read as Moodle keeps it (availability/condition/*/classes/condition.php, `save`): a tree of
conditions in JSON. What an activity demands of people to be complete: reference/moodle-ws-facts.md sections 7 and 13.1.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from connector.language import _
from connector.lms import RELEASED, CertificateGate, Finding, GrantWay
from connector.moodle_ws.certificates import ISSUES
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.ids import Activity, Ids
from connector.wire.findings import bad, costly, good

Check = Callable[[], Finding]
Condition = Mapping[str, Any]


def gate_checks(ws: MoodleWs, ids: Ids, gate: CertificateGate) -> Iterator[tuple[str, Check]]:
    """What to look at for this gate: (subject, check)."""
    subject, check = {
        GrantWay.GROUP: (_("Certificate's group"), _group),
        GrantWay.PROFILE_FIELD: (_("Certificate's profile field"), _field),
        GrantWay.GATE_ACTIVITY: (_("Certificate's gate"), _switch),
        GrantWay.OWN_COMPLETION: (_("Certificate's completion"), _own_completion),
        GrantWay.ALLOWLIST: (_("Certificate's allowlist"), _no_allowlist),
    }[gate.way]
    yield subject, partial(check, ids, gate, subject)
    yield _("Certificate"), partial(_certificate, ws, ids, gate)


def _no_allowlist(_ids: Ids, _gate: CertificateGate, subject: str) -> Finding:
    return bad(
        subject,
        _("Moodle has no allowlist of certificates."),
        _("Set certificate.grant to group, profile_field, gate_activity or own_completion."),
    )


def _group(ids: Ids, gate: CertificateGate, subject: str) -> Finding:
    number = ids.group(gate.course, gate.group)
    found = good(subject, _("Found: {group}.").format(group=gate.group))
    return _restricted(ids, gate, {"type": "group", "id": number}, found)


def _field(ids: Ids, gate: CertificateGate, subject: str) -> Finding:
    """No web service lists the fields, but the restriction names this one, and Moodle offers only fields there are."""
    name = gate.profile_field
    found = good(subject, _("The certificate is restricted to it: {field}.").format(field=name))
    return _restricted(ids, gate, {"type": "profile", "cf": name, "op": "isequalto", "v": RELEASED}, found)


def _switch(ids: Ids, gate: CertificateGate, subject: str) -> Finding:
    activity = ids.activity(gate.course, gate.gate_activity)
    found = _out_of_reach(subject, activity)
    return _restricted(ids, gate, {"type": "completion", "cm": activity.cmid, "e": 1}, found)


def _own_completion(ids: Ids, gate: CertificateGate, subject: str) -> Finding:
    return _out_of_reach(subject, ids.activity(gate.course, gate.certificate))


def _out_of_reach(subject: str, activity: Activity) -> Finding:
    """Learners must not be able to complete the activity themselves, or they release their own certificate."""
    if activity.automatic and not activity.by_view:
        return good(
            subject, _("'{name}' is completed by a rule, not by hand or by looking.").format(name=activity.name)
        )
    return bad(
        subject,
        _("Learners can complete '{name}' themselves, or it is not tracked at all.").format(name=activity.name),
        _("Set its completion to a rule that no learner can meet (automatic, not 'view')."),
    )


def _restricted(ids: Ids, gate: CertificateGate, condition: Condition, found: Finding) -> Finding:
    """The finding, unless the certificate is not restricted by this condition."""
    availability = ids.activity(gate.course, gate.certificate).availability
    if availability is None:
        return costly(
            found.subject,
            _("The site does not tell what the certificate is restricted to."),
            _("See to it that it is restricted to exactly this."),
        )
    if _demands(json.loads(availability or "{}"), condition):
        return found
    return bad(
        found.subject,
        _("The certificate is not restricted to it: others would get one, or nobody."),
        _("A teacher sets it under 'Restrict access' in the certificate's settings."),
    )


def _demands(tree: Mapping[str, Any], condition: Condition) -> bool:
    """True when nobody passes this tree of conditions without meeting the condition."""
    if "c" not in tree:
        return all(tree.get(key) == value for key, value in condition.items())
    met = [_demands(part, condition) for part in tree["c"]]
    return any(met) if tree.get("op") == "&" else tree.get("op") == "|" and bool(met) and all(met)


def _certificate(ws: MoodleWs, ids: Ids, gate: CertificateGate) -> Finding:
    subject = _("Certificate")
    activity = ids.activity(gate.course, gate.certificate)
    if activity.module != "customcert":
        return bad(
            subject,
            _("The activity {name} is a {kind}, not a custom certificate.").format(
                name=gate.certificate, kind=activity.module
            ),
            _("Enter the ID number of the course's custom certificate in the programme file."),
        )
    if not ws.offers(ISSUES):
        return bad(
            subject,
            _("Found, but what it issued cannot be read: {function} is not in the token's service.").format(
                function=ISSUES
            ),
            _("See the line of {function}; until then choose our own paper (certificate.grant: own_paper).").format(
                function=ISSUES
            ),
        )
    ws.call(ISSUES, {"customcertid": activity.instance, "limit": 1}, writes=False)
    if activity.completion and gate.way is not GrantWay.OWN_COMPLETION:
        return costly(
            subject,
            _("Its own completion is tracked: the plugin issues to nobody who has not completed it."),
            _("A teacher switches its completion tracking off."),
        )
    version = ws.site.functions.get(ISSUES, "")
    return good(subject, _("Found; issues can be read (mod_customcert {version}).").format(version=version))
