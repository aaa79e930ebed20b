"""What a release of Moodle or of its certificate plugin cannot do. Source: reference/moodle-versions.md; git history.

`mod_customcert_list_issues` came with mod_customcert 4.4.7 and 5.0.1; no plugin for Moodle 4.1 to 4.3 has it. MDL-81850
(availability_group judged a group for the user of cron) was in 4.4.0 and was mended in May 2024.
"""

import re
from collections.abc import Mapping

from connector.language import _
from connector.lms import CertificateGate, Finding, GrantWay
from connector.wire.findings import bad, costly, good

_OLDEST = (4, 1)
_RELEASE = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_BUILD = re.compile(r"Build: (\d{8})")
_GROUPS_MENDED = "20240531"  # the day on which MDL-81850 was merged
_FIRST_LIST = 2024042215  # mod_customcert 4.4.7
_FIVE, _FIRST_LIST_OF_FIVE = 2025041400, 2025041403  # 5.0.0, which lacks it, and 5.0.1


def release_finding(release: str, gate: CertificateGate | None) -> Finding:
    """Whether the connector works with this release, and a certificate released this way with it."""
    subject, found = _("Release"), _RELEASE.match(release)
    if found is None:
        return costly(subject, _("The site does not tell its release."), _("Moodle 4.1 or newer is needed."))
    if (int(found.group(1)), int(found.group(2))) < _OLDEST:
        return bad(subject, f"Moodle {release}", _("Moodle 4.1 or newer is needed."))
    if gate is not None and gate.way is GrantWay.GROUP and _never_issues(release, found):
        return bad(
            subject,
            _("Moodle {release} has MDL-81850: a certificate that is restricted to a group is never issued.").format(
                release=release
            ),
            _("Update to 4.4.1 or newer, or release certificates by an activity (certificate.grant: gate_activity)."),
        )
    return good(subject, f"Moodle {release}")


def _never_issues(release: str, found: re.Match[str]) -> bool:
    built = _BUILD.search(release)
    return found.groups() == ("4", "4", None) and (built is None or built.group(1) < _GROUPS_MENDED)


def plugin_version(functions: Mapping[str, str]) -> int:
    """The version of mod_customcert, as each of its functions in the service tells it; 0 where none is there."""
    versions = (version for name, version in functions.items() if "customcert" in name)
    return max((int(version) for version in versions if version.isdigit()), default=0)


def lists_issues(version: int) -> bool:
    """True for a mod_customcert of this version that has mod_customcert_list_issues."""
    return _FIRST_LIST <= version < _FIVE or version >= _FIRST_LIST_OF_FIVE


def no_issue_list(function: str, version: int) -> Finding:
    """The plugin is too old, so adding the function to the service is no way."""
    return bad(
        function,
        _(
            "The site's mod_customcert ({version}) cannot list what it issued: 4.4.7 is needed, on Moodle 5 5.0.1."
        ).format(version=version),
        _(
            "An administrator updates the plugin (4.4.7 needs Moodle 4.4); on older sites choose our own paper "
            "(certificate.grant: own_paper)."
        ),
    )
