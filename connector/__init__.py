"""Runs a national training programme on an existing Moodle or Open edX MOOC, from outside, through its web services."""

__version__ = "0.1.0"
