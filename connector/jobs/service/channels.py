"""How alerts leave the house: always the log; mail and a webhook where the configuration names them.

smtplib and http.client of Python: the platform clients' HTTP (connection pools, retries, redaction) is not wanted
here, and a webhook that is down is asked again by the next look.
"""

import json
import logging
import smtplib
import ssl
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from connector.jobs.service.alarms import Alert, Tell
from connector.settings import Alerts, Smtp

LOG = logging.getLogger("connector.alerts")
TIMEOUT = 15.0


def channels(settings: Alerts) -> Tell:
    """A function that sends an alert to all channels and says whether each took it; what failed is in the log."""

    def tell(alert: Alert) -> bool:
        LOG.warning("over" if alert.over else "alert", extra={"key": alert.key})
        done = True
        if settings.smtp is not None:
            done &= _tried("mail", partial(_mail, settings.smtp, alert))
        if settings.webhook is not None:
            done &= _tried("webhook", partial(_post, settings.webhook.get_secret_value(), alert))
        return done

    return tell


def _tried(name: str, send: Callable[[], None]) -> bool:
    try:
        send()
    except (OSError, ValueError, smtplib.SMTPException, HTTPException) as error:
        LOG.log(logging.ERROR, "an alert cannot be sent", extra={"key": name, "error": type(error).__name__})
        return False
    return True


def _mail(smtp: Smtp, alert: Alert) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = alert.subject, smtp.sender, ", ".join(smtp.to)
    message.set_content(alert.text)
    tls = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=TIMEOUT, context=tls)
        if smtp.security == "tls"
        else smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT)
    ) as server:
        if smtp.security == "starttls":
            server.starttls(context=tls)
        if smtp.user:
            server.login(smtp.user, smtp.password.get_secret_value() if smtp.password else "")
        server.send_message(message)


def _post(url: str, alert: Alert) -> None:
    body = {"key": alert.key, "subject": alert.subject, "text": alert.text, "over": alert.over}
    parts = urlsplit(url)
    at_home = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    if not parts.hostname or not (at_home or parts.scheme == "https"):
        raise ValueError("a webhook's address begins with https://")
    kind = HTTPConnection if at_home else HTTPSConnection
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    with closing(kind(parts.hostname, parts.port, timeout=TIMEOUT)) as connection:
        content = json.dumps(body, ensure_ascii=False).encode()
        connection.request("POST", path, content, {"Content-Type": "application/json"})
        if connection.getresponse().status >= HTTPStatus.BAD_REQUEST:
            raise OSError("refused")
