"""Every error of the connector, grouped by what the caller does next.

::

    ConnectorError
     +-- ConfigError            mend the configuration or the command, then run again      exit 6
     +-- UnsafePlanError        a person must look before anything is written              exit 5
     +-- FatalError             stop; running again changes nothing until someone acts     exit 1
     |    +-- AccessDenied      token, right or service function is missing on the platform
     |    +-- ProtocolError     the platform answered something that is not an answer
     |    +-- BrokenData        our own files or database are not what they must be
     +-- RetryableError         the same call may work later                               exit 1
     |    +-- PlatformUnavailable   nothing of this call has been done
     |    +-- OutcomeUnknown    a write may or may not have been done: read back, never resend
     |    +-- DatabaseUnavailable   our own database is locked or away; the transaction is rolled back
     |    +-- Interrupted       somebody asked to stop: nothing was in flight              exit 130, 143, 129
     +-- SkipError              this one item is refused, the others go on
          +-- RosterFileError   this file cannot be read at all
          +-- RequestRefused    the platform refused this call; a list may be bisected

A refusal of one item inside a list is a value (`connector.lms.ItemResult`), not an exception.
Messages are for the reader: what happened, to which row or person (masked), what to do now. They never hold a
token, a password, a full name or a full phone number.
"""


class ConnectorError(Exception):
    """Root of all errors that the connector raises on purpose; its text is fit to be shown."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        """`message` says what happened; `hint` says what the reader can do now."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ConfigError(ConnectorError):
    """The configuration or the command line is wrong: mend it and run again."""

    exit_code = 6


class UnsafePlanError(ConnectorError):
    """The plan may not be applied as it is: too old, the world has moved, or it takes away too much."""

    exit_code = 5


class FatalError(ConnectorError):
    """Stop: running again changes nothing until a person has acted."""


class AccessDenied(FatalError):
    """The platform does not let us in: token, capability, service function or network address.

    `code` is the platform's own word for it, '' where it has none.
    """

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class ProtocolError(FatalError):
    """The answer is not an answer of the platform's web service: a login page, a cut body, a wrong URL."""


class BrokenData(FatalError):
    """A file or table of our own is not what it must be: a plan edited by hand, a database of another version."""


class RetryableError(ConnectorError):
    """The same call may work later."""


class PlatformUnavailable(RetryableError):
    """The platform cannot be reached or is closed for now; nothing of this call has been done."""

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        """`retry_after` is the wait in seconds that the platform asked for, if it did."""
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class OutcomeUnknown(RetryableError):
    """A write was sent and no answer came: it may be done or not. Read back; never send it again blindly."""


class DatabaseUnavailable(RetryableError):
    """Our own database is locked or does not answer; the transaction that met it is rolled back."""


class Interrupted(RetryableError):
    """Somebody asked the connector to stop (Ctrl-C, SIGTERM, SIGHUP); it did so where nothing was in flight."""

    exit_code = 130

    def __init__(self, message: str, *, hint: str = "", signal: int = 2) -> None:
        """`signal` is the number of the signal that asked; the exit code tells it as a shell does."""
        super().__init__(message, hint=hint)
        self.exit_code = 128 + signal


class SkipError(ConnectorError):
    """This one item is refused; the others go on."""


class RosterFileError(SkipError):
    """This roster file cannot be read at all. `code` is one word for programs: not_a_workbook, no_table ..."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class RequestRefused(SkipError):
    """The platform refused this call. `code` is the platform's own error code, empty when it gave none."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
