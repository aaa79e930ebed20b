"""Every platform of the contract suite: what it can do, and a fresh world of it. Real sites only where one is named."""

from connector.lms import Capability
from tests.contract.openedx_world import OpenEdxSiteWorld, OpenEdxWorld
from tests.contract.site_world import SiteWorld
from tests.contract.worlds import WORLDS, World, world_of

_EVERYTHING = ~Capability(0)
OPEN_EDX = (
    Capability.ACCOUNTS
    | Capability.COHORTS
    | Capability.ENROLMENTS
    | Capability.TOPIC_RESULTS
    | Capability.GRADES
    | Capability.CERTIFICATES
)
PLATFORMS = {
    **dict.fromkeys(WORLDS, _EVERYTHING),
    "openedx": OPEN_EDX,
    "openedx_stock": OPEN_EDX & ~Capability.ACCOUNTS,
    **({"moodle_site": _EVERYTHING} if SiteWorld.named else {}),
    **({"openedx_site": OPEN_EDX} if OpenEdxSiteWorld.named else {}),
}


def fresh(name: str) -> World:
    """A world of this platform."""
    if name == "moodle_site":
        return SiteWorld()
    if name == "openedx_site":
        return OpenEdxSiteWorld()
    if name.startswith("openedx"):
        return OpenEdxWorld(stock=name.endswith("stock"))
    return world_of(name)
