"""Where somebody works who comes in by a portal: said by the portal, seated by the room that knows the schools.

The roof hands the verb down once (`provide`): accounts stand below schools, and do not know them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from flask import Flask, current_app

from app.accounts.models import User

Seat = Callable[[User, Collection[str]], int]
_KEY = "arrivals"


def provide(app: Flask, seat: Seat) -> None:
    app.extensions[_KEY] = seat


def seat(user: User, identifiers: Collection[str]) -> int:
    """Give a new teacher or head the schools of these UAI numbers, in their territory; how many were known here."""
    given: Seat = current_app.extensions[_KEY]
    return given(user, identifiers)
