"""The letters that a site without a mail server writes to a folder: found again when somebody in them is forgotten."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from flask import current_app

from app.kernel.holdings import Subject
from app.settings import Settings


def naming(subject: Subject) -> list[Path]:
    """The files of `instance/mail` addressed to this person, or which name them."""
    settings: Settings = current_app.config["SETTINGS"]
    files = sorted((settings.instance / "mail").glob("*.eml"))
    return [file for file in files if any(subject.redact(text) != text for text in _texts(file))]


def _texts(file: Path) -> Iterator[str]:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    yield from (str(value) for value in message.values())
    yield from (part.get_content() for part in message.walk() if part.get_content_maintype() == "text")
