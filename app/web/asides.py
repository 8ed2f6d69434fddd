"""Pieces that a room hangs in the pages of the rooms below it, which need not know of it.

A page of a lower room has a place: `{{ aside("hosts.show", organization=organization) }}`. The roof hangs pieces there:
functions that only read, and return markup or nothing. A place without a piece is empty.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app
from markupsafe import Markup

Piece = Callable[..., str]


def install(app: Flask) -> None:
    app.extensions["asides"] = {}
    app.jinja_env.globals["aside"] = aside


def hang(app: Flask, place: str, piece: Piece) -> None:
    """Add a piece to a place, after those already there."""
    app.extensions["asides"].setdefault(place, []).append(piece)


def aside(place: str, **context: object) -> Markup:
    """The pieces of a place, one after the other; each gets the same context."""
    pieces: list[Piece] = current_app.extensions["asides"].get(place, [])
    return Markup("").join(Markup(piece(**context)) for piece in pieces)  # noqa: S704  # nosec B704  # pieces are rendered
