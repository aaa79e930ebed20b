"""What a Moodle function throws: class, error code and message, as the protocol shows them.

Texts are Moodle's own English ones, not ours: they are protocol, so they are never translated.
Source: reference/moodle-ws-facts.md section 1.8 and the recorded calls `*.unknown*`, `error.*`.
"""


class MoodleFault(Exception):
    """An exception of the pretend Moodle. `errorcode` is None for PHP errors; `kept` keeps what was written."""

    def __init__(
        self, exception: str, errorcode: str | None, message: str, *, module: str = "moodle", kept: bool = False
    ) -> None:
        super().__init__(message)
        self.exception = exception
        self.errorcode = errorcode
        self.message = message
        self.module = module
        self.kept = kept


def invalid_parameter() -> MoodleFault:
    """Any parameter error, and every 'already exists': without debugging the text names nothing (facts 1.8)."""
    return MoodleFault(
        "core\\exception\\invalid_parameter_exception",
        "invalidparameter",
        "Invalid parameter value detected",
        module="debug",
    )


def invalid_response() -> MoodleFault:
    """The function's own result does not fit its description; the work is committed all the same (facts 1.3)."""
    return MoodleFault(
        "core\\exception\\invalid_response_exception",
        "invalidresponse",
        "Invalid response value detected",
        module="debug",
        kept=True,
    )


def missing(table: str) -> MoodleFault:
    """A look-up that must succeed and did not; the code depends on the table (lib/dmllib.php)."""
    known = {
        "user": ("invaliduser", "Invalid user"),
        "course_modules": ("invalidcoursemodule", "Invalid course module ID"),
    }
    code, message = known.get(table, ("invalidrecord", f"Can't find data record in database table {table}."))
    return MoodleFault("dml_missing_record_exception", code, message)


def unknown_record() -> MoodleFault:
    """A look-up by a statement of several tables: none is named."""
    return MoodleFault("dml_missing_record_exception", "invalidrecordunknown", "Can't find data record in database.")


def write_failed() -> MoodleFault:
    """The database refused a row: a value too long for its column, or a unique index."""
    return MoodleFault("dml_write_exception", "dmlwriteexception", "Error writing to database")


def moodle_exception(errorcode: str, message: str, *, kept: bool = False) -> MoodleFault:
    """A plain moodle_exception."""
    return MoodleFault("core\\exception\\moodle_exception", errorcode, message, kept=kept)


def coding_error(what: str) -> MoodleFault:
    """Misuse of an interface."""
    return MoodleFault(
        "core\\exception\\coding_exception",
        "codingerror",
        f"Coding error detected, it must be fixed by a programmer: {what}",
        module="debug",
    )


def access_denied() -> MoodleFault:
    """Token expired, foreign address, service disabled, or a function that is not in the token's service."""
    return MoodleFault("webservice_access_exception", "accessexception", "Access control exception")


def invalid_token() -> MoodleFault:
    """No such token (any more)."""
    return moodle_exception("invalidtoken", "Invalid token - token not found")


def php_type_error(message: str) -> MoodleFault:
    """A PHP error inside a function: no error code, and a path of the server in the message."""
    return MoodleFault("TypeError", None, message, module="error")
