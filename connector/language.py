"""The words people read: Vietnamese first, English second (gettext catalogues).

Code writes English; `locales/vi` holds the Vietnamese. A message is marked and looked up in one step::

    from connector.language import _
    raise ConfigError(_("There is no programme '{key}'.").format(key=key))

Call `_` when the message is made, never at import time: the language is chosen at start.
"""

import gettext
from pathlib import Path

LOCALES = Path(__file__).parent / "locales"
DOMAIN = "connector"

_chosen: gettext.NullTranslations = gettext.translation(DOMAIN, LOCALES, languages=["vi"], fallback=True)


def use_language(code: str) -> None:
    """Choose the language of all messages made from now on: 'vi' or 'en'. Nothing is written."""
    global _chosen  # noqa: PLW0603 - one process speaks one language, chosen once at start
    if code == "en":
        _chosen = gettext.NullTranslations()
        return
    _chosen = gettext.translation(DOMAIN, LOCALES, languages=[code], fallback=True)


def _(message: str) -> str:
    """The message in the chosen language; the English text itself where no translation is known."""
    return _chosen.gettext(message)
