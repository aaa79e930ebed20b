"""Decides what must change on a platform and does it: desired, actual, diff, plan, guards, journal, apply.

Meets the platform only as `connector.lms.LmsReader`/`LmsClient` and the database only as `journal.Journal`.
"""
