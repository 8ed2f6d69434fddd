from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.messaging.mailbox import Mailbox, serving


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    """The application talks to a real SMTP server."""
    with serving() as box:
        settings = app.config["SETTINGS"]
        settings.mail, settings.smtp_host, settings.smtp_port = "smtp", "127.0.0.1", box.port
        yield box
