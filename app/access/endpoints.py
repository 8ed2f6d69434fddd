"""How a view declares who may call it. An endpoint without a declaration fails the tests and answers 500."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import abort, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access.actor import Actor
from app.access.policy import Permission
from app.kernel.errors import Forbidden

V = TypeVar("V", bound=Callable[..., Any])
DECLARATION = "__access__"


def current_actor() -> Actor:
    """The actor of this request; only callable behind `@requires`."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        abort(401)
    return actor


def optional_actor() -> Actor | None:
    actor: Actor | None = g.get("actor")
    return actor


def requires(permission: Permission) -> Callable[[V], V]:
    """Let in whoever holds `permission` over something; what exactly is for the query and the service to say.

    Signed out: sent to the sign-in page (which leads back). Wrong role: 403.
    """

    def declare(view: V) -> V:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            actor = optional_actor()
            if actor is None:
                return _to_sign_in()
            if not actor.may(permission):
                raise Forbidden(_("Cette page n’est pas pour votre compte."))
            return view(*args, **kwargs)

        setattr(guarded, DECLARATION, permission)
        return guarded  # type: ignore[return-value]  # the wrapper has the view's own signature

    return declare


def public(reason: str) -> Callable[[V], V]:
    """Let anybody in; `reason` says why that is right and is read by the tests and by reviewers."""

    def declare(view: V) -> V:
        setattr(view, DECLARATION, reason)
        return view

    return declare


def _to_sign_in() -> Response:
    if request.method in {"GET", "HEAD"} and not request.headers.get("HX-Request"):
        return redirect(url_for("accounts.sign_in", suite=request.full_path.rstrip("?")))
    return redirect(url_for("accounts.sign_in"))
