"""Private messages from the service account.

Source: message/externallib.php; reference/moodle-ws-facts.md section 10; recorded calls `messages.*`.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.faults import moodle_exception
from connector.sandbox.site import ADMIN_ID, Site


def send_instant_messages(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_message_send_instant_messages: no transaction; an unknown recipient is msgid -1.

    A list with good and bad recipients sends to the good ones and then fails with formatnotsupported (facts 10).
    """
    answers = [_send(site, message) for message in args["messages"]]
    if len({answer["msgid"] == -1 for answer in answers}) > 1:
        raise moodle_exception("formatnotsupported", "error/formatnotsupported", kept=True)
    return answers


def _send(site: Site, message: Mapping[str, Any]) -> dict[str, Any]:
    echo = {"clientmsgid": message["clientmsgid"]} if message.get("clientmsgid") is not None else {}
    userid = message["touserid"]
    if not site.one("SELECT 1 FROM users WHERE id = ? AND deleted = 0", (userid,)):
        error = f"You cannot send a message to a user ID ({userid}) that doesn't exist."
        return {"msgid": -1, "errormessage": error, **echo}
    msgid = site.next_id("messages")
    conversation = _conversation(site, userid)
    text = f"<p>{message['text']}</p>"
    site.db.execute(
        "INSERT INTO messages (id, conversation, useridfrom, useridto, text, timecreated) VALUES (?, ?, ?, ?, ?, ?)",
        (msgid, conversation, ADMIN_ID, userid, text, site.now()),
    )
    return {
        "msgid": msgid,
        "text": text,
        "timecreated": site.now(),
        "conversationid": conversation,
        "useridfrom": ADMIN_ID,
        "candeletemessagesforallusers": True,
        **echo,
    }


def _conversation(site: Site, userid: int) -> int:
    row = site.one("SELECT conversation FROM messages WHERE useridto = ? LIMIT 1", (userid,))
    if row is None:
        row = site.one("SELECT coalesce(max(conversation), 0) + 1 FROM messages")
    return int(row[0]) if row else 1
