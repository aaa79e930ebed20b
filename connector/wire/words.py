"""A platform's words, fit to be repeated: they may hold pieces of pages, user names, addresses and phone numbers."""

import re

from connector.model import mask_phone

_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"\+?\d{9,}")
_ADDRESS = re.compile(r"\S+@\S+")
_LONGEST_MESSAGE = 200


def cleaned(message: str) -> str:
    """The platform's words without HTML, addresses and long numbers, at most 200 characters."""
    text = _ADDRESS.sub("***", _TAG.sub(" ", message))
    text = _NUMBER.sub(lambda found: mask_phone(found.group()), text)
    return " ".join(text.split())[:_LONGEST_MESSAGE]
