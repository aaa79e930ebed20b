"""What the site says of itself and of the token's service.

Source: webservice/externallib.php; reference/moodle-ws-facts.md section 11; recorded call `site_info.few`.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.site import ADMIN_ID, Site

VERSION = "2024100700"
_FEATURES = {
    "usecomments": 1, "usetags": 1, "enablenotes": 1, "messaging": 1, "enableblogs": 1, "enablecompletion": 1,
    "enablebadges": 1, "messagingallusers": 0, "enablecustomreports": 1, "enableglobalsearch": 0,
    "mnet_dispatcher_mode": 0, "enablecompetencies": 1,
}  # fmt: skip


def get_site_info(site: Site, _args: Mapping[str, Any]) -> dict[str, Any]:
    """core_webservice_get_site_info: release, the service's functions with versions, who the token belongs to."""
    row = site.one("SELECT username, firstname, lastname, lang FROM users WHERE id = ?", (ADMIN_ID,))
    username, firstname, lastname, lang = row or ("", "", "", "en")
    return {
        "sitename": site.switches.sitename,
        "username": username,
        "firstname": firstname,
        "lastname": lastname,
        "fullname": f"{firstname} {lastname}",
        "lang": lang,
        "userid": ADMIN_ID,
        "siteurl": site.switches.wwwroot,
        "userpictureurl": site.picture("f1"),
        "functions": [{"name": name, "version": _version(site, name)} for name in sorted(site.request.functions)],
        "downloadfiles": 0,
        "uploadfiles": 0,
        "release": site.switches.release,
        "version": VERSION,
        "mobilecssurl": "",
        "advancedfeatures": [{"name": name, "value": value} for name, value in _FEATURES.items()],
        "usercanmanageownfiles": True,
        "userquota": 0,
        "usermaxuploadfilesize": -1,
        "userhomepage": 1,
        "userprivateaccesskey": "0" * 32,
        "siteid": 1,
        "sitecalendartype": "gregorian",
        "usercalendartype": "gregorian",
        "userissiteadmin": True,
        "theme": "boost",
        "limitconcurrentlogins": 0,
        "policyagreed": 0,
    }


def _version(site: Site, name: str) -> str:
    return site.switches.customcert_version if name.startswith("mod_customcert") else VERSION
