"""The pretend Open edX's tables in SQLite, after edx-platform's own, with only the columns that are read.

Moments are microseconds since 1970: the platform writes them out with microseconds and pages by them.
"""

TABLES = """
CREATE TABLE IF NOT EXISTS config (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS applications (
    client_id TEXT PRIMARY KEY, client_secret TEXT NOT NULL, grant_type TEXT NOT NULL, userid INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bearer_tokens (
    token TEXT PRIMARY KEY, userid INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
    sessionid TEXT PRIMARY KEY, userid INTEGER NOT NULL, csrf TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE COLLATE NOCASE, email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL, password TEXT NOT NULL DEFAULT '', is_active INTEGER NOT NULL DEFAULT 0,
    is_staff INTEGER NOT NULL DEFAULT 0, is_superuser INTEGER NOT NULL DEFAULT 0,
    activation_key TEXT NOT NULL, country TEXT NOT NULL DEFAULT '', gender TEXT, level_of_education TEXT,
    year_of_birth INTEGER, goals TEXT, mailing_address TEXT, city TEXT,
    date_joined INTEGER NOT NULL, last_login INTEGER);
CREATE TABLE IF NOT EXISTS course_roles (
    course TEXT NOT NULL, userid INTEGER NOT NULL, role TEXT NOT NULL, PRIMARY KEY (course, userid, role)
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS courses (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, starts TEXT, ends TEXT, self_paced INTEGER NOT NULL DEFAULT 0,
    is_cohorted INTEGER NOT NULL DEFAULT 0, cutoff REAL NOT NULL DEFAULT 0.6, certificates INTEGER NOT NULL DEFAULT 1,
    settings_id INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS modes (
    course TEXT NOT NULL, slug TEXT NOT NULL, name TEXT NOT NULL, min_price INTEGER NOT NULL DEFAULT 0,
    currency TEXT NOT NULL DEFAULT 'usd', PRIMARY KEY (course, slug));
CREATE TABLE IF NOT EXISTS policies (
    course TEXT NOT NULL, type TEXT NOT NULL, short TEXT NOT NULL, count INTEGER NOT NULL, weight REAL NOT NULL,
    PRIMARY KEY (course, type));
CREATE TABLE IF NOT EXISTS blocks (
    id INTEGER PRIMARY KEY, course TEXT NOT NULL, parent INTEGER, type TEXT NOT NULL, block TEXT NOT NULL,
    name TEXT NOT NULL, format TEXT, points REAL NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS blocks_course ON blocks (course, id);
CREATE TABLE IF NOT EXISTS enrolments (
    id INTEGER PRIMARY KEY, userid INTEGER NOT NULL, course TEXT NOT NULL, mode TEXT NOT NULL,
    is_active INTEGER NOT NULL, created INTEGER NOT NULL, UNIQUE (userid, course));
CREATE INDEX IF NOT EXISTS enrolments_course ON enrolments (course, created);
CREATE TABLE IF NOT EXISTS allowed (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL COLLATE NOCASE, course TEXT NOT NULL, auto_enroll INTEGER NOT NULL,
    created INTEGER NOT NULL, UNIQUE (email, course));
CREATE TABLE IF NOT EXISTS cohorts (
    id INTEGER PRIMARY KEY, course TEXT NOT NULL, name TEXT NOT NULL, assignment_type TEXT NOT NULL,
    UNIQUE (course, name));
CREATE TABLE IF NOT EXISTS members (
    course TEXT NOT NULL, userid INTEGER NOT NULL, cohort INTEGER NOT NULL, PRIMARY KEY (course, userid)
    ) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS members_cohort ON members (cohort, userid);
CREATE TABLE IF NOT EXISTS preassigned (
    course TEXT NOT NULL, email TEXT NOT NULL COLLATE NOCASE, cohort INTEGER NOT NULL, PRIMARY KEY (course, email)
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS completions (
    userid INTEGER NOT NULL, block INTEGER NOT NULL, value REAL NOT NULL, modified INTEGER NOT NULL,
    PRIMARY KEY (userid, block)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS scores (
    userid INTEGER NOT NULL, block INTEGER NOT NULL, earned REAL NOT NULL, PRIMARY KEY (userid, block)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS overrides (
    userid INTEGER NOT NULL, block INTEGER NOT NULL, earned REAL, possible REAL, PRIMARY KEY (userid, block)
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS certificates (
    userid INTEGER NOT NULL, course TEXT NOT NULL, mode TEXT NOT NULL, status TEXT NOT NULL, grade TEXT NOT NULL,
    uuid TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL, PRIMARY KEY (userid, course)
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS allowlist (
    id INTEGER PRIMARY KEY AUTOINCREMENT, userid INTEGER NOT NULL, course TEXT NOT NULL, notes TEXT NOT NULL,
    created INTEGER NOT NULL, UNIQUE (userid, course));
CREATE TABLE IF NOT EXISTS invalidations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, userid INTEGER NOT NULL, course TEXT NOT NULL, notes TEXT NOT NULL,
    UNIQUE (userid, course));
CREATE TABLE IF NOT EXISTS reports (
    id INTEGER PRIMARY KEY, course TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (course, name));
"""
