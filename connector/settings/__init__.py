"""The configuration of the service: its parts (`sections.py`, `safety.py`), and how it is read (`loading.py`)."""

from connector.settings.loading import FILE_VARIABLE, Settings, YamlSource, known_keys, language_of, load_settings
from connector.settings.passwords import Passwords
from connector.settings.safety import HOME, ApprovalPolicy, Freeze, Limits, Protected
from connector.settings.schedule import Alerts, ScheduledJob, Serve, Smtp, Trigger
from connector.settings.sections import AccountMapping, Certificates, Retention, Rosters, Section, Site

__all__ = [
    "FILE_VARIABLE",
    "HOME",
    "AccountMapping",
    "Alerts",
    "ApprovalPolicy",
    "Certificates",
    "Freeze",
    "Limits",
    "Passwords",
    "Protected",
    "Retention",
    "Rosters",
    "ScheduledJob",
    "Section",
    "Serve",
    "Settings",
    "Site",
    "Smtp",
    "Trigger",
    "YamlSource",
    "known_keys",
    "language_of",
    "load_settings",
]
