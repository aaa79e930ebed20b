"""`connector sandbox`: a pretend platform on a loopback port."""

from pathlib import Path

import click

from connector.cli.session import Session, pass_session
from connector.errors import ConfigError
from connector.language import _
from connector.sandbox.mishaps import Weather
from connector.sandbox.pace import Pace
from connector.sandbox.serving import PLATFORMS, files_of, serve


@click.command()
@click.option("--platform", type=click.Choice(list(PLATFORMS)), default="moodle", show_default=True, help="Which one.")
@click.option("--port", type=click.IntRange(0, 65535), default=8045, show_default=True, help="0 takes any free port.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="State file (default: in state_dir).")
@click.option("--token-file", type=click.Path(dir_okay=False, path_type=Path), help="Where the secret is written.")
@click.option("--day", type=click.IntRange(1), help="Move the clock to this day of the course (1 = 2025-12-01).")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides how each learner studies.")
@click.option("--cron-seconds", type=click.FloatRange(min=0.1), default=1.0, show_default=True, help="Its cron's pace.")
@click.option("--faults", type=int, metavar="SEED", help="Let requests fail as networks and servers do, by this seed.")
@click.option(
    "--fault-rate",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Share of requests that meet a fault.",
)
@click.option("--realistic", is_flag=True, help="Take as long for each request as a real site on two cores.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="With --realistic: so many times quicker.",
)
@pass_session
def sandbox(
    session: Session,
    *,
    platform: str,
    port: int,
    state: Path | None,
    token_file: Path | None,
    day: int | None,
    seed: int,
    cron_seconds: float,
    faults: int | None,
    fault_rate: float,
    realistic: bool,
    speed: float,
) -> None:
    """Serve a pretend Moodle 4.5 or Open edX Teak on 127.0.0.1 until it is stopped.

    Its first line of output is its address. The secret in the token file is Moodle's token, or on Open edX that of the
    application with the client id "connector".
    """
    folder = session.settings.state_dir
    folder.mkdir(parents=True, exist_ok=True)
    own_state, own_token = files_of(platform, folder)
    try:
        serve(
            str(state or own_state),
            port,
            token_file or own_token,
            platform=platform,
            day=day,
            seed=seed,
            cron_seconds=cron_seconds,
            ready=click.echo,
            weather=None if faults is None else Weather(faults, fault_rate),
            pace=Pace(speed) if realistic else None,
        )
    except OSError as error:
        raise ConfigError(
            _("The sandbox cannot listen on port {port}: {why}.").format(port=port, why=error.strerror),
            hint=_("Give another --port, or 0 for any free one."),
        ) from None
