"""Courses, accounts and applications put into a pretend Open edX, as its operators do by hand."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from connector.sandbox.openedx.content import add_block
from connector.sandbox.openedx.registration import add_user
from connector.sandbox.openedx.site import EdxSite


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A graded subsection: its name in keys, the kind of assignment, and the chapter it stands in."""

    name: str
    kind: str
    chapter: str


def seed_secret(site: EdxSite) -> None:
    """Give the site the secret that it signs tokens with."""
    values = (secrets.token_hex(16),)
    site.db.execute("INSERT OR IGNORE INTO config (name, value) VALUES ('secret', ?)", values)


def add_application(
    site: EdxSite, client: str, secret: str, userid: int | None, grant: str = "client_credentials"
) -> None:
    """An OAuth application, whose tokens act as the account."""
    sql = "INSERT INTO applications (client_id, client_secret, grant_type, userid) VALUES (?, ?, ?, ?)"
    site.db.execute(sql, (client, secret, grant, userid))


def add_service_account(site: EdxSite, username: str, client: str, secret: str) -> int:
    """An active account with all rights, and the application that gives its tokens; the account's id."""
    more = {"is_active": 1, "is_staff": 1, "is_superuser": 1}
    userid = add_user(site, username, f"{username}@example.com", username, **more)
    add_application(site, client, secret, userid)
    return userid


def add_course(
    site: EdxSite, key: str, name: str, *, modes: Sequence[str] = ("audit", "honor"), self_paced: bool = False
) -> None:
    """A course with no content, offering the modes in their order."""
    row = site.one("SELECT count(*) FROM courses")
    number = (row[0] if row else 0) + 1
    sql = "INSERT INTO courses (id, name, starts, ends, self_paced, settings_id) VALUES (?, ?, ?, ?, ?, ?)"
    site.db.execute(sql, (key, name, "2024-01-01T00:00:00Z", "2030-01-01T00:00:00Z", int(self_paced), number))
    for slug in modes:
        site.db.execute("INSERT INTO modes (course, slug, name) VALUES (?, ?, ?)", (key, slug, slug.capitalize()))


def add_policy(site: EdxSite, course: str, kind: str, short: str, *, count: int, weight: float) -> None:
    """A kind of assignment and its weight in the grade."""
    sql = "INSERT INTO policies (course, type, short, count, weight) VALUES (?, ?, ?, ?, ?)"
    site.db.execute(sql, (course, kind, short, count, weight))


def add_content(site: EdxSite, course: str, title: str, parts: Sequence[Part]) -> None:
    """Chapters with subsections, each of a unit with two problems and a unit with a text."""
    root = add_block(site, course, None, "course", "course", title=title)
    chapters: dict[str, int] = {}
    for part in parts:
        if part.chapter not in chapters:
            words = f"Section {len(chapters) + 1}"
            chapters[part.chapter] = add_block(site, course, root, "chapter", part.chapter, title=words)
        name = part.name
        section = add_block(
            site, course, chapters[part.chapter], "sequential", name, title=f"{part.kind} {name}", format=part.kind
        )
        unit = add_block(site, course, section, "vertical", f"{name}_v", title=f"Unit {name}")
        for number in (1, 2):
            add_block(site, course, unit, "problem", f"{name}_p{number}", title=f"P{number}", points=1.0)
        reading = add_block(site, course, section, "vertical", f"{name}_vh", title=f"Reading {name}")
        add_block(site, course, reading, "html", f"{name}_h", title="Text")
