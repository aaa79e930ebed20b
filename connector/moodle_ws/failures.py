"""What a platform's error means for us: Moodle's error codes sorted into the classes of `connector.errors`.

Source: reference/moodle-ws-facts.md sections 0.2, 1.5 and 1.8. Messages of the platform may hold paths of its server,
user names and addresses: they are cleaned before they are repeated, and left out where no error code came with them.
"""

from collections.abc import Mapping
from typing import Any

from connector.errors import AccessDenied, ConnectorError, OutcomeUnknown, PlatformUnavailable, RequestRefused
from connector.language import _
from connector.wire.words import cleaned

WEAK = "passwordpolicy"  # our word for an error code that is a piece of HTML
TOO_LARGE = "http413"

CLOSED_FOR_NOW = frozenset({"sitemaintenance", "upgraderunning", "dbconnectionfailed"})
# The database stumbled, over a deadlock or over a value: worth one more try before a list is halved (facts 1.8).
DATABASE = frozenset({"dmlwriteexception", "dmlreadexception", "dmltransactionexception"})
NOT_LET_IN = frozenset(
    {
        "invalidtoken",
        "accessexception",
        "nopermissions",
        "nopermission",  # of an override of completion
        # Said of each person when the account lacks a right, never of one person alone: not to be skipped.
        "nopermissiontoviewgrades",
        "cannotviewreport",
        "notingroup",
        "accessdenied",
        "requireloginerror",
        "errorcoursecontextnotvalid",
        "servicenotavailable",
        "restrictedcontextexception",
        "wsusercannotassign",
        "wsaccessuserdeleted",
        "wsaccessuserunconfirmed",
        "wsaccessusersuspended",
        "wsaccessuserexpired",
        "wsaccessusernologin",
    }
)

# A PHP error has no code, or this one inside a batch; its words may show a path of the server (facts 1.3).
_NO_WORDS = frozenset({"", "generalexceptionmessage"})


def error_of(document: Mapping[str, Any], *, writes: bool) -> ConnectorError:
    """The error that an exception document stands for. `document` holds errorcode and message, both may be absent."""
    code = str(document.get("errorcode") or "")
    message = cleaned(str(document.get("message") or ""))
    if document.get("debuginfo"):
        # Only where the site lists our account in $CFG->debugusers: the one place where Moodle names the culprit.
        message = f"{message}: {cleaned(str(document['debuginfo']))}"
    if code in CLOSED_FOR_NOW or (code in DATABASE and not writes):
        return PlatformUnavailable(
            _("The platform cannot answer for now ({code}).").format(code=code), hint=_("Try again later.")
        )
    if code in NOT_LET_IN or (code == "invalidrecord" and "external_functions" in message):
        return access_denied(code, message)
    if code == "invalidresponse" and writes:
        return OutcomeUnknown(_("The platform did the work but could not put its answer into words (invalidresponse)."))
    if "<" in code:
        return RequestRefused(WEAK, weak_password(message))
    if code in _NO_WORDS:
        kind = str(document.get("exception") or "").rpartition("\\")[2]
        return RequestRefused("", _("The platform stumbled over the request ({kind}).").format(kind=kind or "PHP"))
    return RequestRefused(code, _("The platform refused: {why} ({code}).").format(why=message.rstrip("."), code=code))


def weak_password(why: str) -> str:
    """What is told of a password that the site's policy refuses, in the site's words."""
    return _(
        "The password breaks the site's rules: {why} Mend 'passwords' in the configuration (length, capitals, "
        "small_letters, digits, signs), then run again."
    ).format(why=why)


def access_denied(code: str, message: str) -> AccessDenied:
    """The error of a token, right or service function that is missing, with what an administrator can do."""
    hints = {
        "invalidtoken": _("The token is unknown or has expired: ask the site's administrator for a new one."),
        "accessexception": _(
            "Ask the site's administrator: is the function in the token's service, the service enabled, the token "
            "still valid, and this computer's address allowed? 'connector doctor' lists what is needed."
        ),
        "nopermissiontoviewgrades": _("The account needs moodle/grade:viewall."),
        "cannotviewreport": _("The account needs report/completion:view."),
        "notingroup": _("The account needs moodle/site:accessallgroups."),
        "accessdenied": _("The account needs moodle/site:accessallgroups."),
        "invalidrecord": _("This site does not know the function: Moodle or the plugin is too old."),
    }
    why = message.rstrip(".") or _("no reason is given")  # an inner call of a batch brings the code alone
    return AccessDenied(
        _("The platform does not let us in: {why} ({code}).").format(why=why, code=code),
        hint=hints.get(code, _("Ask the site's administrator for the right; 'connector doctor' names each.")),
        code=code,
    )
