"""`connector moodle`: what the administrator of a Moodle imports, so that nobody clicks sixty rights and functions."""

import click

from connector.moodle_ws.granting import role_preset, service_script


@click.group()
def moodle() -> None:
    """Print what a Moodle's administrator needs: a role to import (`role`), a script for the service (`service`)."""


@moodle.command()
def role() -> None:
    """Print a role with all rights as XML: Define roles > Add a new role > Use role preset takes it as a file.

    Nothing is sent anywhere.
    """
    click.echo(role_preset(), nl=False)


@moodle.command()
def service() -> None:
    """Print a PHP script that makes the web service with all functions; an administrator runs it on the server.

    Nothing is sent anywhere.
    """
    click.echo(service_script(), nl=False)
