"""The configuration of the service: its parts (`sections.py`), and how it is read (`loading.py`)."""

from connector.settings.loading import FILE_VARIABLE, Settings, YamlSource, known_keys, load_settings
from connector.settings.sections import AccountMapping, Limits, Rosters, Section, Site

__all__ = [
    "FILE_VARIABLE",
    "AccountMapping",
    "Limits",
    "Rosters",
    "Section",
    "Settings",
    "Site",
    "YamlSource",
    "known_keys",
    "load_settings",
]
