"""Tables of first passwords, of those that were set anew, and of who was handed which.

`sealed_for` is the username that a password was sealed for: it stays when the account gets another name.
"""

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from connector.store.columns import UtcTime, basic, metadata, plain, sensitive

first_passwords = Table(
    "first_passwords",
    metadata,
    plain("site", String(40), primary_key=True),
    basic("username", String(100), primary_key=True),
    sensitive("sealed", LargeBinary),
    basic("sealed_for", String(100), nullable=False),
    plain("made_at", UtcTime, nullable=False),
    plain("destroyed_at", UtcTime),
    plain("destroyed_why", String(20), nullable=False, default=""),
)

password_reissues = Table(
    "password_reissues",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("site", String(40), nullable=False),
    basic("username", String(100), nullable=False),
    sensitive("sealed", LargeBinary),
    basic("sealed_for", String(100), nullable=False),
    basic("asked_by", Text, nullable=False),
    plain("asked_at", UtcTime, nullable=False),
    plain("state", String(20), nullable=False),
    plain("code", Text, nullable=False),
    plain("settled_at", UtcTime),
    Index(None, "site", "username"),
)

handouts = Table(
    "handouts",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("programme", String(80), nullable=False),
    plain("site", String(40), nullable=False),
    plain("province_code", String(2), nullable=False),
    basic("handed_by", Text, nullable=False),
    plain("at", UtcTime, nullable=False),
    plain("form", String(20), nullable=False),
    plain("people", Integer, nullable=False),
    plain("file", Text, nullable=False),
    plain("sha256", String(64), nullable=False),
    Index(None, "programme", "province_code"),
)

handout_people = Table(
    "handout_people",
    metadata,
    plain("handout_id", Integer, ForeignKey("handouts.id"), primary_key=True),
    plain("site", String(40), nullable=False),
    basic("username", String(100), primary_key=True),
    Index(None, "site", "username"),
)
