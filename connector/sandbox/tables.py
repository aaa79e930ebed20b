"""The pretend site's tables in SQLite, after Moodle's own, with only the columns that are read."""

TABLES = """
CREATE TABLE IF NOT EXISTS config (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, valid_until INTEGER NOT NULL DEFAULT 0, address TEXT NOT NULL DEFAULT '',
    functions TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE, auth TEXT NOT NULL, firstname TEXT NOT NULL,
    lastname TEXT NOT NULL, email TEXT NOT NULL, emailkey TEXT NOT NULL, idnumber TEXT NOT NULL DEFAULT '',
    institution TEXT NOT NULL DEFAULT '', department TEXT NOT NULL DEFAULT '', phone1 TEXT NOT NULL DEFAULT '',
    phone2 TEXT NOT NULL DEFAULT '', address TEXT NOT NULL DEFAULT '', city TEXT NOT NULL DEFAULT '',
    country TEXT NOT NULL DEFAULT '', lang TEXT NOT NULL DEFAULT 'en', theme TEXT NOT NULL DEFAULT '',
    timezone TEXT NOT NULL DEFAULT '99', mailformat INTEGER NOT NULL DEFAULT 1,
    description TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '',
    confirmed INTEGER NOT NULL DEFAULT 1, suspended INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0,
    firstaccess INTEGER NOT NULL DEFAULT 0, lastaccess INTEGER NOT NULL DEFAULT 0,
    timecreated INTEGER NOT NULL, heap INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS users_email ON users (emailkey);
CREATE INDEX IF NOT EXISTS users_idnumber ON users (idnumber);
CREATE TABLE IF NOT EXISTS profile_fields (
    id INTEGER PRIMARY KEY, shortname TEXT NOT NULL UNIQUE, name TEXT NOT NULL, sortorder INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS profile_data (
    userid INTEGER NOT NULL, fieldid INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (userid, fieldid)
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS preferences (
    userid INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (userid, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS categories (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, idnumber TEXT, description TEXT NOT NULL DEFAULT '',
    sortorder INTEGER NOT NULL, timemodified INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS courses (
    id INTEGER PRIMARY KEY, category INTEGER NOT NULL, fullname TEXT NOT NULL, shortname TEXT NOT NULL UNIQUE,
    idnumber TEXT NOT NULL DEFAULT '', summary TEXT NOT NULL DEFAULT '', startdate INTEGER NOT NULL DEFAULT 0,
    enddate INTEGER NOT NULL DEFAULT 0, enablecompletion INTEGER NOT NULL DEFAULT 0,
    visible INTEGER NOT NULL DEFAULT 1, sortorder INTEGER NOT NULL, timecreated INTEGER NOT NULL,
    contextid INTEGER NOT NULL, gradeitem INTEGER NOT NULL, criterion INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS sections (
    id INTEGER PRIMARY KEY, course INTEGER NOT NULL, section INTEGER NOT NULL, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS modules (
    id INTEGER PRIMARY KEY, course INTEGER NOT NULL, section INTEGER NOT NULL, modname TEXT NOT NULL,
    instance INTEGER NOT NULL, name TEXT NOT NULL, idnumber TEXT NOT NULL DEFAULT '',
    completion INTEGER NOT NULL DEFAULT 0, gradepass REAL NOT NULL DEFAULT 0, grademax REAL NOT NULL DEFAULT 0,
    gradeitem INTEGER, groupid INTEGER, contextid INTEGER NOT NULL, timecreated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS restrictions (cmid INTEGER PRIMARY KEY, condition TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS enrol (
    id INTEGER PRIMARY KEY, course INTEGER NOT NULL, method TEXT NOT NULL, cohort INTEGER, roleid INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS enrol_cohort ON enrol (cohort);
CREATE TABLE IF NOT EXISTS user_enrolments (
    enrol INTEGER NOT NULL, userid INTEGER NOT NULL, course INTEGER NOT NULL, status INTEGER NOT NULL,
    timestart INTEGER NOT NULL, timeend INTEGER NOT NULL, timecreated INTEGER NOT NULL,
    PRIMARY KEY (enrol, userid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS user_enrolments_user ON user_enrolments (userid, course);
CREATE INDEX IF NOT EXISTS user_enrolments_course ON user_enrolments (course, userid);
CREATE TABLE IF NOT EXISTS roles (
    course INTEGER NOT NULL, userid INTEGER NOT NULL, enrol INTEGER NOT NULL, roleid INTEGER NOT NULL,
    PRIMARY KEY (course, userid, enrol, roleid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS course_access (
    userid INTEGER NOT NULL, course INTEGER NOT NULL, timeaccess INTEGER NOT NULL, PRIMARY KEY (userid, course)
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS groups (
    id INTEGER PRIMARY KEY, course INTEGER NOT NULL, name TEXT NOT NULL, idnumber TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '', descriptionformat INTEGER NOT NULL DEFAULT 0, enrolmentkey TEXT,
    visibility INTEGER NOT NULL DEFAULT 0, participation INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS group_members (
    groupid INTEGER NOT NULL, userid INTEGER NOT NULL, PRIMARY KEY (groupid, userid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS group_members_user ON group_members (userid);
CREATE TABLE IF NOT EXISTS cohorts (
    id INTEGER PRIMARY KEY, category INTEGER NOT NULL, name TEXT NOT NULL, idnumber TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '', visible INTEGER NOT NULL DEFAULT 1, heap INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cohort_members (
    cohort INTEGER NOT NULL, userid INTEGER NOT NULL, timeadded INTEGER NOT NULL, PRIMARY KEY (cohort, userid)
    ) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cohort_members_user ON cohort_members (userid);
CREATE TABLE IF NOT EXISTS module_completion (
    userid INTEGER NOT NULL, cmid INTEGER NOT NULL, state INTEGER NOT NULL, overrideby INTEGER,
    timemodified INTEGER NOT NULL, PRIMARY KEY (userid, cmid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS module_completion_module ON module_completion (cmid, state);
CREATE TABLE IF NOT EXISTS grades (
    userid INTEGER NOT NULL, cmid INTEGER NOT NULL, raw REAL NOT NULL, timegraded INTEGER NOT NULL,
    PRIMARY KEY (userid, cmid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS course_completions (
    course INTEGER NOT NULL, userid INTEGER NOT NULL, timecompleted INTEGER NOT NULL, PRIMARY KEY (course, userid)
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS issues (
    id INTEGER PRIMARY KEY, customcertid INTEGER NOT NULL, userid INTEGER NOT NULL, code TEXT NOT NULL UNIQUE,
    emailed INTEGER NOT NULL, timecreated INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS issues_user ON issues (customcertid, userid);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, useridfrom INTEGER NOT NULL, useridto INTEGER NOT NULL,
    text TEXT NOT NULL, timecreated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS welcomes (userid INTEGER NOT NULL, course INTEGER NOT NULL, timecreated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS reports (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, conditions TEXT NOT NULL,
    timecreated INTEGER NOT NULL);
"""
