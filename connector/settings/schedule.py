"""The parts of the configuration that `connector serve` runs by: which jobs, when, and whom it calls."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from connector.settings.sections import Section

JobKind = Literal[
    "pick-up",
    "plan",
    "apply",
    "mirror",
    "mirror-rolling",
    "mirror-full",
    "evaluate",
    "push",
    "report",
    "expire-passwords",
    "retention",
]
CRON_FIELDS = 5
BY_PROVINCE = ("pick-up", "plan", "apply")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d+)\s*([smhd])", value.strip())
    if found is None:
        raise ValueError("write a number with its unit, such as 30s, 15m, 2h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


Duration = Annotated[timedelta, BeforeValidator(_duration), Field(ge=timedelta(0))]


class Trigger(Section):
    """When a job is due, in Viet Nam's time: either `cron` or `every`."""

    cron: str = Field(
        default="", description="Minute, hour, day, month, weekday: 0 2 * * *. Weekdays by name, such as mon-fri."
    )
    every: Duration = Field(default=timedelta(0), description="Again and again after this time: 30s, 15m, 2h, 1d.")

    @field_validator("cron")
    @classmethod
    def _weekdays_by_name(cls, cron: str) -> str:
        # Cron counts from Sunday and APScheduler from Monday: a number would be meant by one and read by the other.
        fields = cron.split()
        if fields and len(fields) != CRON_FIELDS:
            raise ValueError("a cron line has five fields: minute hour day month weekday")
        if fields and re.search(r"\d", fields[4].partition("/")[0]):
            raise ValueError("write weekdays by their names: mon, tue, wed, thu, fri, sat, sun")
        return cron

    @model_validator(mode="after")
    def _one_of_both(self) -> "Trigger":
        if bool(self.cron) == bool(self.every):
            raise ValueError("give either cron or every")
        return self


class ScheduledJob(Section):
    """A job that the service runs by itself, and `connector jobs run` by hand."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", description="Its name in commands, logs and alerts.")
    job: JobKind = Field(description="What is done.")
    trigger: Trigger = Field(description="When: {cron: '0 2 * * *'} or {every: 15m}, in Viet Nam's time.")
    programme: str = Field(default="", description="Key of the programme (left out: default_programme).")
    provinces: Literal["all"] | tuple[str, ...] = Field(
        default=(),
        description="Each of these provinces (or all) by itself; for pick-up, plan and apply. Left out: the whole.",
    )
    spread: Duration = Field(default=timedelta(0), description="The provinces' starts are spread over this time.")
    grace: Duration | None = Field(
        default=None, description="A tick that could not be run in time is made up for so long (left out: by its job)."
    )
    coalesce: bool = Field(default=True, description="Of several ticks that were missed, run one.")
    folder: Path | None = Field(
        default=None, description="pick-up: the folder of incoming files (left out: pickup in state_dir)."
    )
    quiet: Duration = Field(
        default=timedelta(seconds=30), description="pick-up: a file is taken when it has not changed for so long."
    )
    rests: Duration = Field(
        default=timedelta(days=1),
        description="plan, apply: while no list and no definition has changed, the platform is looked at only after "
        "this time (0s: at every tick).",
    )
    formats: tuple[str, ...] = Field(default=("xlsx", "html", "csv"), description="report: its formats.")

    @model_validator(mode="after")
    def _provinces_where_they_mean_something(self) -> "ScheduledJob":
        if self.provinces and self.job not in BY_PROVINCE:
            raise ValueError(f"only {', '.join(BY_PROVINCE)} can be run by province")
        return self


class Serve(Section):
    """The service itself."""

    port: int = Field(
        default=8046, ge=0, le=65535, description="Port of /healthz, /readyz and /metrics on 127.0.0.1 (0: none)."
    )
    look_every: Duration = Field(
        default=timedelta(seconds=15), description="How often it looks for what a stopped service has left."
    )
    stop_within: Duration = Field(
        default=timedelta(seconds=30), description="How long a stop waits for a safe point before it cuts off."
    )
    keep_days: int = Field(default=400, ge=1, description="Days for which retention keeps the history of jobs.")


class Smtp(Section):
    """Alerts by mail."""

    host: str = Field(description="The mail server.")
    port: int = Field(default=587, gt=0, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="How the way is protected.")
    user: str = Field(default="", description="Log-in name, where the server wants one.")
    password: SecretStr | None = Field(default=None, description="Password; better in the variable than here.")
    sender: str = Field(description="Address from which alerts come.")
    to: tuple[str, ...] = Field(min_length=1, description="Addresses that get them.")


class Alerts(Section):
    """Whom the service calls when a person is needed: once for each incident, and once when it is over."""

    patience: Duration = Field(
        default=timedelta(minutes=15), description="A platform that is away for less is not told of."
    )
    smtp: Smtp | None = Field(default=None, description="Alerts by mail.")
    webhook: SecretStr | None = Field(
        default=None, description="Address that gets each alert as JSON by POST; secret, since it may hold a token."
    )
