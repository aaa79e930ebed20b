"""Options that several commands share."""

from pathlib import Path

import click

PROGRAMME = click.option("--programme", "-p", metavar="KEY", help="Key of the programme (default: from the settings).")
PROVINCES = click.option(
    "--province", "provinces", metavar="CODE", multiple=True, help="Only this province (two digits); may be repeated."
)
FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
BY = click.option("--by", metavar="NAME", default="", help="Who does this (default: the user of this computer).")
