"""The one way into a session: what every kind of sign-in ends with, and what waits on the threshold meanwhile."""

from __future__ import annotations

from typing import TypedDict

from flask import current_app, request, session, url_for
from flask import redirect as to
from flask_login import login_user
from werkzeug.wrappers import Response

from app.accounts import queries, second_factor
from app.accounts.models import User
from app.accounts.rules import PENDING_FOR, PROOF_FOR, TRUST_FOR, must_have_second_factor
from app.kernel import clock

_GOAL, _PENDING, _VIA, TO_LINK, PROVED = "suite", "pending", "via", "to_link", "proved"


class Via(TypedDict):
    """The provider somebody came by, and its ID token when it is short enough for a cookie."""

    provider: str
    id_token: str | None


def remember_goal() -> None:
    goal = request.args.get("suite", "")
    if goal.startswith("/") and not goal.startswith(("//", "/\\")):
        session[_GOAL] = goal


def aim(url: str) -> None:
    """Where the next session begins."""
    session[_GOAL] = url


def address() -> str:
    return request.remote_addr or "unknown"


def enter(user: User, *, strong: bool = False, via: Via | None = None) -> Response:
    """Open a session, or first ask for the code when the account has a second factor, or must have one.

    `strong`: the provider has asked for a second factor already, and is believed.
    """
    has_one = queries.second_factor(user.id) is not None
    if strong or not (has_one or must_have_second_factor(user.role)):
        return open_session(user, via)
    if has_one and _trusted(user):
        return open_session(user, via, proved=False)
    kept = {name: session[name] for name in (_GOAL, TO_LINK) if name in session}
    session.clear()
    session.update(kept)
    session[_PENDING] = {"key": user.get_id(), "at": int(clock.now().timestamp()), "via": via}
    return to(url_for("accounts.ask_code" if has_one else "accounts.enrol"), 303)


def open_session(user: User, via: Via | None = None, *, proved: bool = True) -> Response:
    """A fresh session, and the way to where the person was going. `proved`: all that the account asks for was given."""
    goal, waiting = session.get(_GOAL), session.get(TO_LINK)
    session.clear()
    login_user(user)
    session.permanent = True
    if proved:
        note_proof()
    if via is not None:
        session[_VIA] = via
    if waiting is not None and via is None:
        session[TO_LINK] = waiting
        goal = url_for("accounts.confirm_link")
    return to(goal or url_for("pages.home"), 303)


def note_proof() -> None:
    session[PROVED] = int(clock.now().timestamp())


def has_proved() -> bool:
    """Whether who sits here has proved lately who they are."""
    at = session.get(PROVED)
    return isinstance(at, int) and 0 <= clock.now().timestamp() - at <= PROOF_FOR.total_seconds()


def pending() -> tuple[User, Via | None] | None:
    """Who gave their password and not yet their code, for a quarter of an hour."""
    kept = session.get(_PENDING)
    if not isinstance(kept, dict) or clock.now().timestamp() - kept["at"] > PENDING_FOR.total_seconds():
        return None
    user = queries.signed_in(kept["key"])
    return (user, kept["via"]) if user is not None else None


def is_pending() -> bool:
    return _PENDING in session


def came_by() -> Via | None:
    return session.get(_VIA)


def came_by_now(via: Via) -> None:
    session.setdefault(_VIA, via)


def _cookie(user: User) -> str:
    return f"appareil-{user.id}"


def _trusted(user: User) -> bool:
    token = request.cookies.get(_cookie(user))
    return token is not None and second_factor.trusts(user, token)


def trust_this_browser(user: User, response: Response) -> None:
    response.set_cookie(
        _cookie(user),
        second_factor.trust_token(user),
        max_age=TRUST_FOR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
