"""The text of config/connector.example.yaml: every key of connector/settings with its meaning and its default."""

import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connector.settings import Settings
from scripts.keys import in_yaml, kind_of

HEAD = """\
# The configuration of the connector. Generated from connector/settings by `make generate`; do not edit.
# Copy it to config/connector.yaml and change what differs; a key that is left out has the default shown here.
# Any key can also be given as a variable: CONNECTOR_LANGUAGE=en, CONNECTOR_SITES__MOOC__TOKEN=... (two underscores
# for each step down). A variable wins over this file. Relative paths begin in the folder where the command runs.
"""

REAL_SITE = """\
  # A real site beside or instead of the sandbox (how to get the token: docs/how-to/connect-a-moodle.md):
  # mooc:
  #   url: https://mooc.example.vn
  #   token_file: /etc/connector/mooc.token
  #   known_username: admin  # somebody else than the connector's own account
"""

A_FREEZE = """\
# freezes:
#   - starts_at: 2026-02-14T00:00
#     ends_at: 2026-02-23T00:00
#     why: Tết Nguyên đán
#     sites: [mooc]
"""
SOME_JOBS = """\
# What each does and how it is made up for: docs/reference/config.md. A set that serves a programme:
# jobs:
#   - name: lists
#     job: pick-up
#     trigger:
#       every: 5m
#     folder: /srv/connector/incoming
#     quiet: 30s
#   - name: sync
#     job: apply
#     programme: bkhcn-2025-k1
#     trigger:
#       cron: "0 * * * *"
#     provinces: all
#     spread: 30m
#     grace: 2h
#     coalesce: true
#     rests: 1d
#   - {name: copy, job: mirror, trigger: {every: 30m}}
#   - {name: night-copy, job: mirror-rolling, trigger: {cron: "0 1 * * *"}}
#   - {name: judge, job: evaluate, trigger: {cron: "10,40 * * * *"}}
#   - {name: certificates, job: push, trigger: {cron: "50 * * * *"}}
#   - name: morning-report
#     job: report
#     trigger: {cron: "30 6 * * mon-sat"}
#     formats: [xlsx, html]
#   - {name: passwords, job: expire-passwords, trigger: {cron: "0 4 * * *"}}
#   - {name: tidy, job: retention, trigger: {cron: "0 5 * * sun"}}
"""

MAIL = """\
  # smtp:
  #   host: mail.example.vn
  #   port: 587
  #   security: starttls
  #   user: connector
  #   password: better as CONNECTOR_ALERTS__SMTP__PASSWORD
  #   sender: connector@example.vn
  #   to: [it@example.vn]
"""
# What else is shown below a key, since its default shows nothing of it.
EXAMPLES = {"sites": REAL_SITE, "freezes": A_FREEZE, "jobs": SOME_JOBS, "smtp": MAIL}


def text() -> str:
    """The whole file."""
    defaults = {name: field.get_default() for name, field in Settings.model_fields.items()}
    return HEAD + "\n" + "\n".join(_section(Settings, defaults, ""))


def _section(model: type[BaseModel], values: dict[str, Any], indent: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield from _comment(field, indent)
        yield from _entry(name, values[name], indent)
        if not indent:
            yield ""


def _comment(field: FieldInfo, indent: str) -> Iterator[str]:
    kind = kind_of(field.annotation)
    words = f"{field.description} ({kind})" if " or " in kind else str(field.description)
    yield from textwrap.wrap(
        words, width=118 - len(indent), initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "
    )


def _entry(name: str, value: Any, indent: str) -> Iterator[str]:
    if value is None and name in EXAMPLES:
        pass
    elif value is None:
        yield f"{indent}# {name}:"
    elif isinstance(value, BaseModel):
        yield f"{indent}{name}:"
        yield from _section(type(value), dict(value), indent + "  ")
    elif isinstance(value, dict):
        yield f"{indent}{name}:"
        for key, item in value.items():
            yield from _entry(key, item, indent + "  ")
    else:
        yield f"{indent}{name}: {in_yaml(value)}"
    if name in EXAMPLES:
        yield EXAMPLES[name].rstrip("\n")
