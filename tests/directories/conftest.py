"""What the readers of official files need to speak."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel


@pytest.fixture(scope="module")
def spoken() -> Iterator[None]:
    """Sentences need an application, and nothing of ours."""
    plain = Flask("plain")
    Babel(plain, default_locale="fr")
    with plain.app_context():
        yield
